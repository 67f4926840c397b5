/** The man pages of our programs, from what their `--help` is printed from. Pure. */
import type { CommandNode } from './command-node.ts';
import { type ManBlock, type ManSection, renderManPage } from './roff.ts';
import { parseUsage } from './usage-text.ts';

/** User commands, and programs that run all the time. */
const COMMANDS = 1;
const DAEMONS = 8;

export interface ManFile {
  /** `tonearm.1`. */
  readonly file: string;
  readonly text: string;
}

/** @param afterHelp what help says below everything: examples and exit codes */
export function commandManPage(program: CommandNode, afterHelp: string, apps: readonly string[]): ManFile {
  const paragraph = (text: string): ManBlock => ({ kind: 'paragraph', text });
  const own: ManSection[] = [
    { title: 'SYNOPSIS', blocks: [paragraph(program.usage)] },
    { title: 'DESCRIPTION', blocks: [paragraph(program.text)] },
    { title: 'OPTIONS', blocks: optionsOf(program) },
    { title: 'COMMANDS', blocks: program.commands.flatMap((command) => blocksOf(command)) },
    ...sectionsOf(afterHelp),
    { title: 'SEE ALSO', blocks: [paragraph(apps.map((app) => `tonearm-${app}(${DAEMONS})`).join(', '))] },
  ];
  return pageOf(program.name, COMMANDS, withoutStop(program.text), own);
}

/** Of an app with commands of its own. @param app by the name of its own, as `simulate` */
export function appCommandsManPage(app: CommandNode): ManFile {
  return pageOf(`tonearm-${app.name}`, DAEMONS, withoutStop(app.text), [
    { title: 'SYNOPSIS', blocks: [{ kind: 'paragraph', text: app.usage }] },
    { title: 'DESCRIPTION', blocks: [{ kind: 'paragraph', text: app.text }] },
    { title: 'COMMANDS', blocks: app.commands.flatMap((command) => blocksOf(command)) },
    { title: 'SEE ALSO', blocks: [{ kind: 'paragraph', text: `tonearm(${COMMANDS})` }] },
  ]);
}

/** @param help the whole `--help` of a program with flags of its own */
export function appManPage(app: string, help: string): ManFile {
  const { usage, about, entries, notes } = parseUsage(help);
  const [first = app, ...rest] = about;
  const [summary = first] = first.split(/(?<=\.) /);
  const paragraphs = (texts: readonly string[]): ManBlock[] => texts.map((text) => ({ kind: 'paragraph', text }));
  const sections: ManSection[] = [
    { title: 'SYNOPSIS', blocks: paragraphs([usage]) },
    { title: 'DESCRIPTION', blocks: paragraphs([first, ...rest]) },
    { title: 'OPTIONS', blocks: entries.map(({ term, text }) => ({ kind: 'entry', term, text })) },
    { title: 'NOTES', blocks: paragraphs(notes) },
    { title: 'SEE ALSO', blocks: paragraphs([`tonearm(${COMMANDS})`]) },
  ];
  return pageOf(`tonearm-${app}`, DAEMONS, withoutStop(summary), sections);
}

function pageOf(name: string, section: number, summary: string, sections: readonly ManSection[]): ManFile {
  const kept = sections.filter(({ blocks }) => blocks.length > 0);
  return { file: `${name}.${section}`, text: renderManPage({ name, section, summary, sections: kept }) };
}

function blocksOf(command: CommandNode): readonly ManBlock[] {
  const own: ManBlock[] = [
    { kind: 'heading', text: command.usage },
    { kind: 'paragraph', text: command.text },
    ...command.arguments.map(({ name, text }): ManBlock => ({ kind: 'entry', term: name, text })),
    // That each has `--help` is said once, with the options of all.
    ...optionsOf(command).filter((block) => block.kind !== 'entry' || !block.term.includes('--help')),
  ];
  return [...own, ...command.commands.flatMap(blocksOf)];
}

function optionsOf({ options }: CommandNode): ManBlock[] {
  return options.map(({ flags, text }) => ({ kind: 'entry', term: flags, text }));
}

/** `Examples:` and its lines, `Exit codes: …`: each a section. */
function sectionsOf(afterHelp: string): ManSection[] {
  return afterHelp
    .trim()
    .split(/\n\s*\n/)
    .map((part) => {
      const [, title = 'NOTES', rest = part] = /^([A-Z][a-z ]+):[ \n]?([\s\S]*)$/.exec(part) ?? [];
      const lines = rest.split('\n').map((line) => line.trimEnd());
      const blocks: ManBlock[] =
        lines.length > 1 ? [{ kind: 'verbatim', lines }] : [{ kind: 'paragraph', text: rest.trim() }];
      return { title: title.toUpperCase(), blocks };
    });
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
