/** The command line as plain facts, read off the parser that `--help` is printed by: for man pages and completions. Pure. */
import type { Argument, Command, Option } from 'commander';

export interface OptionNode {
  /** As help shows it: `-q, --quiet`. */
  readonly flags: string;
  /** Each way to write it. */
  readonly names: readonly string[];
  readonly text: string;
  /** Null: it takes no value. */
  readonly value: { readonly name: string; readonly choices: readonly string[] } | null;
}

export interface ArgumentNode {
  /** `speaker`. */
  readonly name: string;
  readonly text: string;
  readonly choices: readonly string[];
}

export interface CommandNode {
  readonly name: string;
  /** `tonearm play [options] [what...]`. */
  readonly usage: string;
  readonly text: string;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
}

export function describeCommand(command: Command): CommandNode {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: help.commandUsage(command),
    text: command.description(),
    options: help.visibleOptions(command).map(describeOption),
    arguments: command.registeredArguments.map(describeArgument),
    commands: help
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .map(describeCommand),
  };
}

function describeOption(option: Option): OptionNode {
  const names = [option.short, option.long].flatMap((name) => (name == null ? [] : [name]));
  const value = /[<[]([\w-]+)/.exec(option.flags)?.[1];
  return {
    flags: option.flags,
    names,
    text: option.description,
    value: value === undefined ? null : { name: value, choices: option.argChoices ?? [] },
  };
}

function describeArgument(argument: Argument): ArgumentNode {
  return { name: argument.name(), text: argument.description, choices: argument.argChoices ?? [] };
}
