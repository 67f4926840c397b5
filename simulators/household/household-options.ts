/** What `npm start` may be told. Every refusal names the flag, since it is the first thing that a new user types wrong. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';

export interface HouseholdOptions {
  /** Folder of the user's own music; null for the sample album. */
  readonly musicFolder: string | null;
  readonly speakerName: string;
  /** Null: the default port, or the next one that is free. */
  readonly port: number | null;
  readonly dataFolder: string;
  readonly isPlaying: boolean;
  /** As the speaker takes it: `auto`, `alsa[:DEVICE]`, `file:PATH`, `virtual`. */
  readonly sink: string;
  readonly hasMdns: boolean;
}

export const HOUSEHOLD_HELP = `npm start -- [OPTIONS]     a bridge, a speaker and music, until Ctrl-C

  --music DIR    play the music in DIR (default: a sample album, composed here)
  --name NAME    the speaker's name (default: Living Room)
  --sink SINK    auto, alsa, alsa:DEVICE, file:PATH.wav, virtual (default: auto)
  --port N       the bridge's port (default: ${BRIDGE_PORT_DEFAULT}, or the next free one)
  --data DIR     where everything is kept (default: .tonearm in the project)
  --no-play      start everything and stay silent
  --no-mdns      do not announce bridge and speaker on the network
  --help         this`;

const NAME_LENGTH_MAX = 64;
const PORT_MAX = 65_535;

/**
 * @param args as typed, without program and script
 * @param projectFolder where `.tonearm` is put by default
 * @returns `help` when that was asked for; refused with `config.invalid` and the flag in `field`
 */
export function parseHouseholdOptions(
  args: readonly string[],
  projectFolder: string,
): Result<HouseholdOptions | 'help', TonearmError> {
  const parsed = parseFlags(args);
  if (!parsed.ok) return parsed;
  const flags = parsed.value;
  if (flags.help === true) return ok('help');
  const musicFolder = flags.music === undefined ? null : resolve(flags.music);
  if (musicFolder !== null && !isFolder(musicFolder)) return invalid('--music', `there is no folder ${musicFolder}`);
  const speakerName = flags.name ?? 'Living Room';
  if (speakerName.trim() === '' || speakerName.length > NAME_LENGTH_MAX) {
    return invalid('--name', `a name has 1 to ${NAME_LENGTH_MAX} characters`);
  }
  const port = flags.port === undefined ? null : Number(flags.port);
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= PORT_MAX)) {
    return invalid('--port', `a port is a whole number from 1 to ${PORT_MAX}, got ${JSON.stringify(flags.port)}`);
  }
  return ok({
    musicFolder,
    speakerName,
    port,
    dataFolder: flags.data === undefined ? join(projectFolder, '.tonearm') : resolve(flags.data),
    isPlaying: flags['no-play'] !== true,
    sink: flags.sink ?? 'auto',
    hasMdns: flags['no-mdns'] !== true,
  });
}

function parseFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        music: { type: 'string' },
        name: { type: 'string' },
        port: { type: 'string' },
        data: { type: 'string' },
        sink: { type: 'string' },
        'no-play': { type: 'boolean' },
        'no-mdns': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return ok(values);
  } catch (thrown) {
    // Node's message names the option that is unknown or lacks its value.
    const message = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    const flag = /'(-{1,2}[^' ]+)/.exec(message)?.[1] ?? 'arguments';
    return invalid(flag, message);
  }
}

function invalid(field: string, message: string) {
  return refused(new TonearmError('config.invalid', `${field}: ${message}`, { field }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
