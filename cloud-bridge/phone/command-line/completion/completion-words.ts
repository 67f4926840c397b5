/** What can be typed where, for all shells alike: made from the command line as it is. Pure. */
import type { CommandNode, OptionNode } from '../manual/command-node.ts';

/** A place: the words of a command, without options and their values. */
export interface CompletionPlace {
  /** `tonearm queue add`. */
  readonly words: string;
  readonly commands: readonly { readonly name: string; readonly text: string }[];
  readonly options: readonly OptionNode[];
  /** Its arguments name speakers. */
  readonly takesSpeaker: boolean;
  readonly takesFolder: boolean;
  /** Words that its arguments may be. */
  readonly choices: readonly string[];
}

/** A program with flags of its own, as its help tells them. */
export interface AppFlags {
  readonly name: string;
  readonly flags: readonly string[];
}

export const SPEAKER = 'speaker';
const FOLDER = 'folder';

/** @param whole apps with commands of their own, which know nothing of the options of all */
export function completionPlaces(
  program: CommandNode,
  apps: readonly AppFlags[],
  whole: readonly CommandNode[] = [],
): readonly CompletionPlace[] {
  const names = new Set(whole.map(({ name }) => name));
  const own = { ...program, commands: program.commands.filter(({ name }) => !names.has(name)) };
  const [root, ...below] = placesOf(own, program.name, program.options, apps);
  const commands = program.commands.map(({ name, text }) => ({ name, text }));
  const places = whole.flatMap((app) => placesOf(app, `${program.name} ${app.name}`, [], apps));
  return [...(root === undefined ? [] : [{ ...root, commands }]), ...below, ...places];
}

function placesOf(
  node: CommandNode,
  words: string,
  everywhere: readonly OptionNode[],
  apps: readonly AppFlags[],
): readonly CompletionPlace[] {
  const app = apps.find(({ name }) => name === node.name);
  const bare = (flag: string): OptionNode => ({ flags: flag, names: [flag], text: '', value: null });
  const names = new Set(node.options.flatMap((option) => option.names));
  const inherited = everywhere.filter((option) => !option.names.some((name) => names.has(name)));
  const own: CompletionPlace = {
    words,
    commands: node.commands.map(({ name, text }) => ({ name, text })),
    options: app === undefined ? [...node.options, ...inherited] : app.flags.map(bare),
    takesSpeaker: node.arguments.some(({ name }) => name === SPEAKER),
    takesFolder: node.arguments.some(({ name }) => name === FOLDER),
    choices: node.arguments.flatMap(({ choices }) => choices),
  };
  return [own, ...node.commands.flatMap((child) => placesOf(child, `${words} ${child.name}`, everywhere, apps))];
}

/** Whether the value of this option names a speaker. */
export function namesSpeaker({ value }: OptionNode): boolean {
  return value?.name === SPEAKER;
}
