/**
 * The bridge as a process: reads flags and environment, starts, and ends on SIGINT or SIGTERM. The only file of the
 * bridge that knows it is one.
 */
import { homedir, hostname } from 'node:os';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createJsonLogger } from '#protocol/kit/json-logger';
import type { Logger } from '#protocol/ports/logger';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type Bridge, composeBridge } from './compose.ts';
import { type BridgeConfig, parseConfig, USAGE } from './config.ts';
import { readVersion } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A service manager asks politely and kills after 90 s; a person at a terminal is not that patient. */
const STOP_WITHIN_MS = 3_000;

async function main(): Promise<void> {
  // Whoever read our log may have gone; that is no reason to fall silent towards everybody else.
  process.stdout.on('error', () => undefined);
  const around = { env: process.env, hostname: hostname(), homeFolder: homedir() };
  const invocation = parseConfig(process.argv.slice(2), around);
  if (!invocation.ok) return refuse(invocation.error);
  switch (invocation.value.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'version':
      process.stdout.write(`${readVersion()}\n`);
      return;
    case 'run':
      return run(invocation.value.config);
  }
}

async function run(config: BridgeConfig): Promise<void> {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const logger = createJsonLogger(write, createSystemClock(), config.logLevel);
  endOnBugs(logger);
  const bridge = await start(config, logger);
  if (bridge === null) return;
  endOnSignals(bridge, logger);
  logger.info('bridge.ready', { url: bridge.url, port: bridge.port });
  await bridge.beginIngest();
}

async function start(config: BridgeConfig, logger: Logger): Promise<Bridge | null> {
  try {
    return await composeBridge(config, { logger, version: readVersion() });
  } catch (thrown) {
    refuse(toTonearmError(thrown));
    return null;
  }
}

/** One line that says what is wrong, for people; what they can mend has its own exit code. */
function refuse(error: TonearmError): void {
  process.stderr.write(`tonearm bridge: ${error.message} (${error.code})\n`);
  process.exit(error.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED);
}

function endOnSignals(bridge: Bridge, logger: Logger): void {
  let isEnding = false;
  const end = (signal: string) => {
    if (isEnding) process.exit(EXIT_FAILED);
    isEnding = true;
    logger.info('bridge.stopping', { signal });
    setTimeout(() => {
      logger.error('bridge.stop-timed-out', { afterMs: STOP_WITHIN_MS });
      process.exit(EXIT_FAILED);
    }, STOP_WITHIN_MS).unref();
    bridge.stop().then(
      () => {
        logger.info('bridge.stopped');
        process.exit(EXIT_OK);
      },
      (cause: unknown) => {
        logger.error('bridge.stop-failed', { reason: toTonearmError(cause).message });
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
    logger.error('bridge.failed', { reason: toTonearmError(thrown).message, stack });
    process.exit(EXIT_FAILED);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

await main();
