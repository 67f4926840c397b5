/**
 * Pairs speakers of a crowd with a bridge as a person would, one after the other: each opens its door on the network, the bridge
 * is told its address and its code, and both prove to each other that they know it (SPAKE2+, spec section 15).
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { openLanDoor } from '#device/adapters/lan-door/lan-door';
import { PairingDesk } from '#device/core/control/pairing/pairing-desk';
import type { Ownership } from '#device/core/ports/ownership-store';
import type { PairingMemory } from '#device/core/ports/pairing-memory';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createNoblePairingCipher } from '#protocol/adapters/noble-pairing-cipher';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { PAIRING_PATHS } from '#protocol/wire/pairing';
import { type CrowdIdentity, crowdIdentity } from './crowd-identity.ts';
import type { CrowdState } from './crowd-state.ts';

/** Some 0.2 s each on either side: more are entered into the bridge's folder at once (`register-crowd.ts`). */
export const PAIRED_ONE_BY_ONE_MAX = 64;
const ANSWERS_WITHIN_MS = 5_000;
const NO_MEMORY: PairingMemory = {
  failures: async () => 0,
  saveFailures: async () => undefined,
  writeLabel: async () => undefined,
};

export interface PairingBridge {
  /** `http://host:port` */
  readonly url: string;
  pair(wish: Readonly<Record<string, string>>): Promise<unknown>;
}

/**
 * Those of the first `count` that are nobody's yet; each is kept in the state as soon as it is somebody's.
 * @throws TonearmError what the bridge refused, or `connect.unreachable`
 */
export async function pairCrowd(
  {
    bridge,
    state,
    givenUp,
  }: { readonly bridge: PairingBridge; readonly state: CrowdState; readonly givenUp: AbortSignal },
  count: number,
): Promise<void> {
  const host = await ownAddressTowards(bridge.url);
  while (state.paired < count && !givenUp.aborted) {
    state.tookIn(await pairOne(bridge, crowdIdentity(state.paired, state.secret), host));
  }
}

async function pairOne(bridge: PairingBridge, self: CrowdIdentity, host: string): Promise<Ownership> {
  const name = `Crowd ${self.id.slice(-6)}`;
  const kept: { house: Ownership | null; code: string | null } = { house: null, code: null };
  const ownership = {
    load: async () => kept.house,
    save: async (house: Ownership) => {
      kept.house = house;
    },
    clear: async () => {
      kept.house = null;
    },
  };
  const machine = { clock: createSystemClock(), random: createSystemRandom(), logger: silentLogger };
  const loadCipher = async () => createNoblePairingCipher();
  const desk = new PairingDesk(
    { ...machine, memory: NO_MEMORY, ownership, check: ed25519Check, loadCipher },
    { ...self, name: () => name },
    {
      speak: (code) => {
        kept.code = code;
      },
      paired: () => undefined,
    },
  );
  const open = {
    [PAIRING_PATHS.begin]: (body: unknown) => desk.begin(body, 'loopback'),
    [PAIRING_PATHS.confirm]: (body: unknown) => desk.confirm(body),
    [PAIRING_PATHS.finish]: (body: unknown) => desk.finish(body),
  };
  const info = { id: self.id, name, model: 'Crowd speaker', version: '0', bridge: null, output: 'crowd' };
  // Nobody is to ask for what only its own machine may, so the key is nowhere written.
  const posts = { open, own: {}, key: machine.random.token(43) };
  const door = await openLanDoor(() => ({ ...info, pairing: desk.status() }), { port: 0, host, posts });
  try {
    await desk.start(true);
    if (kept.code === null) throw new Error('a speaker that is nobody’s says its code');
    await bridge.pair({ address: `${host.includes(':') ? `[${host}]` : host}:${door.port}`, code: kept.code });
    if (kept.house === null) throw new Error('the bridge took in a speaker that knows nothing of it');
    return kept.house;
  } finally {
    await desk.stop();
    await door.close();
  }
}

/** Where the bridge finds this machine. */
async function ownAddressTowards(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return socket.localAddress ?? host;
  } catch (cause) {
    throw new TonearmError('connect.unreachable', `nobody answers at ${url}: ${String(cause)}`, { cause });
  } finally {
    socket.destroy();
  }
}
