/**
 * `npm start`: a household on this machine, from nothing to music. Exit codes: 0 ended by the user, 1 a program could not be kept
 * alive, 2 a flag or a port that cannot be had.
 */
import { dirname } from 'node:path';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';
import { Household, type HouseholdPorts } from './household.ts';
import { HOUSEHOLD_HELP, type HouseholdOptions, parseHouseholdOptions } from './household-options.ts';
import { HouseholdScreen } from './household-screen.ts';
import { firstFreePort, isPortFree } from './network-place.ts';

const EXIT_OK = 0;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C may arrive twice, from the terminal and through npm; a person's second one comes later than this. */
const SAME_SIGNAL_MS = 500;

const screen = new HouseholdScreen(process.stdout);
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = parseHouseholdOptions(args, dirname(dirname(import.meta.dirname)));
  if (!options.ok) {
    screen.warn(`${options.error.message} (npm start -- --help lists the options)`);
    return EXIT_USAGE;
  }
  if (options.value === 'help') {
    screen.say(HOUSEHOLD_HELP);
    return EXIT_OK;
  }
  const port = await choosePort(options.value);
  const tls = port === null ? null : await firstFreePort(port + 1);
  return port === null || tls === null ? EXIT_USAGE : run(options.value, { plain: port, tls });
}

async function run(options: HouseholdOptions, ports: HouseholdPorts): Promise<number> {
  screen.say(
    options.musicFolder === null
      ? 'Starting a bridge and a speaker, and composing a sample album.'
      : `Starting a bridge and a speaker with the music in ${options.musicFolder}.`,
  );
  const household = new Household(options, ports, screen);
  let askedAtMs: number | null = null;
  const ask = (): void => {
    const nowMs = performance.now();
    if (askedAtMs === null) {
      askedAtMs = nowMs;
      screen.say('', 'Ending speaker and bridge.');
      household.stop();
    } else if (nowMs - askedAtMs > SAME_SIGNAL_MS) household.kill();
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, ask);
  const end = await household.run();
  for (const signal of ENDING_SIGNALS) process.off(signal, ask);
  return end === 'asked' ? EXIT_OK : EXIT_FAILURE;
}

/** @returns null when there is none to be had; it has been said */
async function choosePort({ port }: HouseholdOptions): Promise<number | null> {
  if (port !== null) {
    if (await isPortFree(port)) return port;
    screen.warn(`--port: port ${port} is in use; choose another, or end what listens there`);
    return null;
  }
  const free = await firstFreePort(BRIDGE_PORT_DEFAULT);
  if (free === null) screen.warn(`port ${BRIDGE_PORT_DEFAULT} and those after it are in use; choose one with --port`);
  else if (free !== BRIDGE_PORT_DEFAULT) screen.say(`Port ${BRIDGE_PORT_DEFAULT} is in use; the bridge takes ${free}.`);
  return free;
}
