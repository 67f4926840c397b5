/** Where the command line's adapters are made: the real clock, randomness, network and terminal. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TokenFolder } from './bridge/token-folder.ts';
import type { Surroundings, Terminal } from './surroundings.ts';

/** The part of `process` that is needed. */
export interface HostProcess {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execPath: string;
  cwd(): string;
}

/** @param interrupted fires when the process is told to end */
export function composeSurroundings(host: HostProcess, interrupted: AbortSignal): Surroundings {
  const clock = createSystemClock();
  return {
    stdout: terminalOf(host.stdout),
    stderr: terminalOf(host.stderr),
    clock,
    random: createSystemRandom(),
    tokens: new TokenFolder(clock, join(configHome(host.env), 'tonearm', 'tokens')),
    openDiscovery: () => createBonjourDiscovery(clock, silentLogger),
    bridgeFromEnvironment: host.env['TONEARM_BRIDGE'] ?? null,
    authoritiesFromEnvironment: host.env['TONEARM_CA'] ?? null,
    isColourless: (host.env['NO_COLOR'] ?? '') !== '' || host.env['TERM'] === 'dumb',
    node: host.execPath,
    workingFolder: host.cwd(),
    interrupted,
  };
}

/** XDG base directories: an empty variable is none. */
function configHome(env: HostProcess['env']): string {
  const given = env['XDG_CONFIG_HOME'] ?? '';
  return given === '' ? join(homedir(), '.config') : given;
}

const COLUMNS_DEFAULT = 80;

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY === true,
    // A terminal that does not know its width says 0.
    columns: () => (stream.columns > 0 ? stream.columns : COLUMNS_DEFAULT),
  };
}
