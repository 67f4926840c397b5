/**
 * The one place where a command speaks: data on stdout, talk on stderr, JSON for machines on request. Commands hand over
 * what happened; whether and how it is shown is decided here.
 */
import pc from 'picocolors';
import type { CommandFailure } from '../command-failure.ts';
import type { Surroundings, Terminal } from '../surroundings.ts';
import { printable } from './printable.ts';

export type Colours = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  /** stdout is JSON, one value a line; errors are JSON on stderr. */
  readonly isJson: boolean;
  /** Nothing but what was asked for. */
  readonly isQuiet: boolean;
}

export interface Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly colours: Colours;
  /** What was asked for. `lines` are made of printable text already. */
  data(value: unknown, lines: (colours: Colours) => readonly string[]): void;
  /** That it was done; left out by `--quiet`. */
  done(value: Readonly<Record<string, unknown>>, sentence: string): void;
  /** Talk on stderr; left out by `--quiet` and `--json`. */
  note(sentence: string): void;
  failure(failure: CommandFailure): void;
}

export function createOutput(
  surroundings: Pick<Surroundings, 'stdout' | 'stderr' | 'isColourless'>,
  options: OutputOptions,
): Output {
  const { stdout, stderr } = surroundings;
  const colours = pc.createColors(stdout.isTty && !surroundings.isColourless);
  const errorColours = pc.createColors(stderr.isTty && !surroundings.isColourless);
  return {
    ...options,
    stdout,
    stderr,
    colours,
    data(value, lines) {
      stdout.write(
        options.isJson
          ? `${JSON.stringify(value)}\n`
          : lines(colours)
              .map((line) => `${line}\n`)
              .join(''),
      );
    },
    done(value, sentence) {
      if (options.isJson) stdout.write(`${JSON.stringify({ ok: true, ...value })}\n`);
      else if (!options.isQuiet) stdout.write(`${printable(sentence)}\n`);
    },
    note(sentence) {
      if (!options.isJson && !options.isQuiet) stderr.write(`${errorColours.dim(printable(sentence))}\n`);
    },
    failure(failure) {
      const { error, nextStep } = failure;
      if (options.isJson) {
        stderr.write(`${JSON.stringify({ error: { ...error.toBody(), nextStep, exitCode: failure.exitCode } })}\n`);
        return;
      }
      const code = errorColours.dim(`(${error.code})`);
      stderr.write(`${errorColours.red('tonearm:')} ${printable(error.message)} ${code}\n`);
      if (nextStep !== null) stderr.write(`  next: ${printable(nextStep)}\n`);
    },
  };
}
