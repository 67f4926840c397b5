/**
 * `tonearm speaker pair`: has the speaker that runs on this machine open its window, and shows the code. With `--bridge` it
 * goes the other way round, for a bridge behind another network: it shows a link at which the owner says yes, and hands
 * the speaker what the bridge answers.
 *
 * The speaker alone keeps its keys and its record; this asks it by its own door, with the key in its folder.
 */
import { join } from 'node:path';
import { linkSpeaker } from '#device/adapters/bridge-link/link-speaker';
import { showInvitation } from '#device/adapters/bridge-link/show-invitation';
import { type AskSpeaker, askOwnDoor } from '#device/adapters/lan-door/own-door-client';
import { DATA_HOME, fail, readFolder, type Surroundings } from '#protocol/adapters/flag-values';
import { parseFlags } from '#protocol/adapters/flags';
import { TonearmError } from '#protocol/vocabulary/errors';
import { groupPairingCode, type PairingLink } from '#protocol/wire/pairing';
import { ADOPT_PATH, DOOR_FILE, NAME_PATH, OPEN_PATH, PROVE_PATH } from './own-door.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A device's name has 64 characters, an id 22. */
const SHOWN_NAME_LENGTH = 38;

export const PAIR_USAGE = `Usage: tonearm speaker pair [flags]

Lets the speaker that runs on this machine be paired, and shows (and says) its code, for ten minutes. Unlocks it, too.
With a bridge it shows a link instead, at which the owner of that house says yes: for a bridge behind another network.

  --data DIR         where that speaker keeps its settings  (TONEARM_DATA, default ~/.local/share/tonearm/speaker)
  --bridge URL       https://host:port, as the bridge's page shows it, with the key after a # where it shows one
  --help

Exit codes: 0 open, or paired; 1 failed; 2 a flag is wrong.
`;

const FLAGS = { data: 'value', bridge: 'value' } as const;

interface PairFlags {
  readonly dataFolder: string;
  readonly bridge: URL | null;
}

/** Where it says what. */
export interface PairScreen {
  out(text: string): void;
  err(text: string): void;
}

/** @returns the exit code; what goes wrong has been said by then */
export async function runPairCommand(
  args: readonly string[],
  around: Surroundings,
  screen: PairScreen,
): Promise<number> {
  const parsed = parseFlags(FLAGS, { args, env: around.env, prefix: 'TONEARM_PAIR_' }, ({ given }): PairFlags => {
    const bridge = given('bridge');
    const url = bridge === null ? null : URL.parse(bridge.text);
    if (bridge !== null && url === null) return fail(bridge, 'must look like https://host:port');
    const env = { text: around.env['TONEARM_DATA'] ?? '', from: 'TONEARM_DATA' };
    const data = given('data') ?? (env.text === '' ? null : env);
    return { dataFolder: readFolder(data, around, DATA_HOME, 'speaker'), bridge: url };
  });
  if (!parsed.ok) {
    screen.err(`tonearm speaker pair: ${parsed.error.message} (${parsed.error.code})\n`);
    return EXIT_USAGE;
  }
  if (parsed.value.kind !== 'run') {
    screen.out(PAIR_USAGE);
    return EXIT_OK;
  }
  const { dataFolder, bridge } = parsed.value.config;
  try {
    const ask = askOwnDoor(join(dataFolder, DOOR_FILE));
    if (bridge === null) await openWindow(ask, screen);
    else await followLink(bridge, ask, screen);
    return EXIT_OK;
  } catch (thrown) {
    if (!(thrown instanceof TonearmError)) throw thrown;
    screen.err(`tonearm speaker pair: ${thrown.message} (${thrown.code})\n`);
    return EXIT_FAILED;
  }
}

async function openWindow(ask: AskSpeaker, screen: PairScreen): Promise<void> {
  const { code } = (await ask(OPEN_PATH, {})) as { readonly code: string };
  screen.out(`${groupPairingCode(code)}\n`);
  screen.err('Type it at the bridge within ten minutes: on its page, or with `tonearm pair`.\n');
}

async function followLink(bridge: URL, ask: AskSpeaker, screen: PairScreen): Promise<void> {
  const { name, id } = (await ask(NAME_PATH, {})) as { readonly name: string; readonly id: string };
  const house = await linkSpeaker(bridge, {
    // Whoever says yes sees which speaker it is, also where two have one name.
    name: `${name.slice(0, SHOWN_NAME_LENGTH)} (${id})`,
    show: (invitation) => screen.err(showInvitation(invitation)),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    prove: async (token) => (await ask(PROVE_PATH, { token })) as PairingLink,
  });
  await ask(ADOPT_PATH, house);
  screen.out(`${name} belongs to the house at ${bridge.origin}.\n`);
}
