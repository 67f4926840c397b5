/**
 * A program's command line: flags, else variables of the environment, else nothing. One shape for all programs; what a
 * value may be is its reader's (`flag-values.ts`), and what is wrong is named by the flag or variable it came from.
 */
import { parseArgs } from 'node:util';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Given, isTrue } from './flag-values.ts';
import type { Invocation } from './program.ts';

/** `value`: takes one; `list`: may be given again, each taking one; `switch`: takes none. */
export type FlagKind = 'value' | 'list' | 'switch';

export interface FlagSource {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of its variables: with `TONEARM_`, `--lan-port` is `TONEARM_LAN_PORT`. */
  readonly prefix: string;
}

export interface Flags<Name extends string> {
  /** What was given; a list comes joined by commas, an empty variable is none. */
  given(name: Name): Given | null;
  /** Of a switch. @throws TonearmError `config.invalid` when its variable says neither yes nor no */
  isOn(name: Name): boolean;
}

/**
 * Besides the declared flags every program knows `--help` (`-h`) and `--version`.
 * @param read makes the program's settings of what was given, and throws `config.invalid`
 * @returns `config.invalid` with the flag or the variable as its field
 */
export function parseFlags<Name extends string, Config>(
  declared: Readonly<Record<Name, FlagKind>>,
  source: FlagSource,
  read: (flags: Flags<Name>) => Config,
): Result<Invocation<Config>, TonearmError> {
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({
      args: [...source.args],
      options: optionsOf(declared),
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (thrown) {
    return refused(usageError(thrown));
  }
  if (values['help'] === true) return ok({ kind: 'help' });
  if (values['version'] === true) return ok({ kind: 'version' });
  try {
    return ok({ kind: 'run', config: read(flagsOf(values, source)) });
  } catch (thrown) {
    if (thrown instanceof TonearmError) return refused(thrown);
    throw thrown;
  }
}

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function optionsOf(declared: Readonly<Record<string, FlagKind>>): ParseOptions {
  const options: ParseOptions = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } };
  for (const [name, kind] of Object.entries(declared)) {
    options[name] = kind === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' };
  }
  return options;
}

function flagsOf<Name extends string>(values: Readonly<Record<string, unknown>>, source: FlagSource): Flags<Name> {
  const given = (name: Name): Given | null => {
    const value = values[name];
    if (typeof value === 'string') return { text: value, from: `--${name}` };
    if (Array.isArray(value)) return { text: value.join(','), from: `--${name}` };
    const variable = `${source.prefix}${name.toUpperCase().replaceAll('-', '_')}`;
    const text = source.env[variable];
    return text === undefined || text === '' ? null : { text, from: variable };
  };
  return { given, isOn: (name) => values[name] === true || isTrue(given(name)) };
}

/** Node's own message names the flag; its first sentence is enough for one line. */
function usageError(thrown: unknown): TonearmError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [sentence = text] = text.split(/\. |\n/, 1);
  const flag = /--?[a-z][a-z-]*/i.exec(text)?.[0];
  return new TonearmError('config.invalid', `${sentence}; see --help`, flag === undefined ? {} : { field: flag });
}
