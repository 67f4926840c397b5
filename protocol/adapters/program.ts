/**
 * A program of ours as a process: what every `main.ts` does the same way. It prints help or version, says in one line
 * what is wrong with a flag, logs when it is ready, ends on SIGINT or SIGTERM within a limit, and dies of what nobody
 * foresaw, since such a state is one that nobody can vouch for and a supervisor starts anew.
 *
 * The process is handed in, so that only a `main.ts` knows which one it is.
 */
import { createJsonLogger, type LogLevel } from '#protocol/kit/json-logger';
import type { LogFields, Logger } from '#protocol/ports/logger';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { createLogOutput } from './log-output.ts';
import { createSystemClock } from './system-clock.ts';

/** What `npx tonearm` and service managers are told; README has them all. */
const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** Everything that a `stop` waits for has a shorter limit of its own; a person at a terminal waits no longer. */
const STOP_WITHIN_MS = 3_000;

/** What a command line and environment ask for. */
export type Invocation<Config> =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly config: Config };

/** A program that runs. */
export interface Running {
  /** Said with the event `NAME.ready`. */
  readonly ready: LogFields;
  /** What is begun once it has said so. */
  begin?(): Promise<void>;
  /** Writes what the flight recorder holds, at once; never throws. Absent: it is off. */
  recordFlight?(reason: string): void;
  stop(): Promise<void>;
}

export interface ProgramParts<Config> {
  /** First word of its log events: `speaker`. */
  readonly name: string;
  /** What people call it: `tonearm speaker`. */
  readonly label: string;
  readonly usage: string;
  readonly version: string;
  /** Whether standard output is for something else, so that it logs to standard error; not, if it does not say. */
  logsToStderr?(config: Config): boolean;
  /** Lines that it may log in ten seconds, the rest is counted; absent: as many as it says. */
  readonly logLinesMax?: number;
  /** @throws TonearmError; `config.*` for what the person who started it can mend */
  start(config: Config, logger: Logger): Promise<Running>;
}

/** Runs until it is ended; nothing that it throws goes unsaid. */
export async function runProgram<Config extends { readonly logLevel: LogLevel }>(
  own: NodeJS.Process,
  parts: ProgramParts<Config>,
  invocation: Result<Invocation<Config>, TonearmError>,
): Promise<void> {
  // Whoever read our log may have gone; that is no reason to stop working.
  own.stdout.on('error', () => undefined);
  if (!invocation.ok) return refuse(own, parts.label, invocation.error);
  if (invocation.value.kind === 'help') return void own.stdout.write(parts.usage);
  if (invocation.value.kind === 'version') return void own.stdout.write(`${parts.version}\n`);
  const { config } = invocation.value;
  const output = parts.logsToStderr?.(config) === true ? own.stderr : own.stdout;
  const clock = createSystemClock();
  const logger = createJsonLogger(createLogOutput(output, clock, parts.logLinesMax), clock, config.logLevel);
  let running: Running | null = null;
  endOnBugs(own, parts.name, { logger, lastWords: () => running?.recordFlight?.('it has failed') });
  try {
    running = await parts.start(config, logger);
  } catch (thrown) {
    return refuse(own, parts.label, toTonearmError(thrown));
  }
  recordOnSignal(own, parts.name, running, logger);
  endOnSignals(own, parts.name, running, logger);
  logger.info(`${parts.name}.ready`, running.ready);
  await running.begin?.();
}

/** One line that says what is wrong, for people; what they can mend has its own exit code. */
function refuse(own: NodeJS.Process, label: string, error: TonearmError): void {
  own.stderr.write(`${label}: ${error.message} (${error.code})\n`);
  own.exit(error.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED);
}

function endOnSignals(own: NodeJS.Process, name: string, running: Running, logger: Logger): void {
  let isEnding = false;
  const end = (signal: string) => {
    // Asked twice: at once.
    if (isEnding) own.exit(EXIT_FAILED);
    isEnding = true;
    logger.info(`${name}.stopping`, { signal });
    setTimeout(() => {
      logger.error(`${name}.stop-timed-out`, { afterMs: STOP_WITHIN_MS });
      own.exit(EXIT_FAILED);
    }, STOP_WITHIN_MS).unref();
    running.stop().then(
      () => {
        logger.info(`${name}.stopped`);
        own.exit(EXIT_OK);
      },
      (cause: unknown) => {
        logger.error(`${name}.stop-failed`, { reason: toTonearmError(cause).message });
        own.exit(EXIT_FAILED);
      },
    );
  };
  own.on('SIGINT', () => end('SIGINT'));
  own.on('SIGTERM', () => end('SIGTERM'));
}

/** Where no recorder is on it is said, since who is not listened for dies of this signal. */
function recordOnSignal(own: NodeJS.Process, name: string, running: Running, logger: Logger): void {
  own.on('SIGUSR2', () => {
    if (running.recordFlight !== undefined) running.recordFlight('SIGUSR2');
    else logger.warn(`${name}.records-nothing`, { reason: 'started without --flight-recorder on' });
  });
}

function endOnBugs(
  own: NodeJS.Process,
  name: string,
  { logger, lastWords }: { readonly logger: Logger; readonly lastWords: () => void },
): void {
  const end = (thrown: unknown) => {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    logger.error(`${name}.failed`, { reason: toTonearmError(thrown).message, stack });
    lastWords();
    own.exit(EXIT_FAILED);
  };
  own.on('uncaughtException', end);
  own.on('unhandledRejection', end);
}
