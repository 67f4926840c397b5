/**
 * The speaker as a process: reads flags and environment, starts, and ends on SIGINT or SIGTERM. The only file of the
 * speaker that knows it is one.
 */
import { homedir, hostname } from 'node:os';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createJsonLogger } from '#protocol/kit/json-logger';
import type { Logger } from '#protocol/ports/logger';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type Speaker, startSpeaker } from './compose.ts';
import { parseConfig, type SpeakerConfig, USAGE } from './config.ts';
import { SPEAKER_VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** Everything that `stop` waits for has a shorter limit of its own; a person at a terminal waits no longer. */
const STOP_WITHIN_MS = 3_000;

async function main(): Promise<void> {
  // Whoever read our log may have gone; that is no reason to stop the music.
  process.stdout.on('error', () => undefined);
  const around = { env: process.env, hostname: hostname(), homeFolder: homedir() };
  const invocation = parseConfig(process.argv.slice(2), around);
  if (!invocation.ok) return refuse(invocation.error);
  switch (invocation.value.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'version':
      process.stdout.write(`${SPEAKER_VERSION}\n`);
      return;
    case 'run':
      return run(invocation.value.config);
  }
}

async function run(config: SpeakerConfig): Promise<void> {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const logger = createJsonLogger(write, createSystemClock(), config.logLevel);
  endOnBugs(logger);
  let speaker: Speaker;
  try {
    speaker = await startSpeaker(config, logger);
  } catch (thrown) {
    return refuse(toTonearmError(thrown));
  }
  endOnSignals(speaker, logger);
  const { id, name, output, lanPort } = speaker;
  logger.info('speaker.ready', { name, id, output, lanPort });
}

/** One line that says what is wrong, for people; what they can mend has its own exit code. */
function refuse(error: TonearmError): void {
  process.stderr.write(`tonearm device: ${error.message} (${error.code})\n`);
  process.exit(error.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED);
}

function endOnSignals(speaker: Speaker, logger: Logger): void {
  let isEnding = false;
  const end = (signal: string) => {
    // Asked twice: at once.
    if (isEnding) process.exit(EXIT_FAILED);
    isEnding = true;
    logger.info('speaker.stopping', { signal });
    setTimeout(() => {
      logger.error('speaker.stop-timed-out', { afterMs: STOP_WITHIN_MS });
      process.exit(EXIT_FAILED);
    }, STOP_WITHIN_MS).unref();
    speaker.stop().then(
      () => {
        logger.info('speaker.stopped');
        process.exit(EXIT_OK);
      },
      (cause: unknown) => {
        logger.error('speaker.stop-failed', { reason: toTonearmError(cause).message });
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGTERM', () => end('SIGTERM'));
}

/** What nobody foresaw leaves a state that nobody can vouch for: it is written down, and a supervisor starts anew. */
function endOnBugs(logger: Logger): void {
  const end = (thrown: unknown) => {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    logger.error('speaker.failed', { reason: toTonearmError(thrown).message, stack });
    process.exit(EXIT_FAILED);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

await main();
