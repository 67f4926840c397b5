/**
 * What lets a speaker be paired, put together from real adapters: the desk, what its door takes for it, and the file by
 * which `tonearm speaker pair` finds this process and shows that it may ask it.
 */
import { join } from 'node:path';
import { createFilePairingMemory } from '#device/adapters/file-ownership-store/file-pairing-memory';
import type { LanPosts } from '#device/adapters/lan-door/lan-posts';
import { PairingDesk, type PairingListener, type PairingSelf } from '#device/core/control/pairing/pairing-desk';
import type { OwnershipStore } from '#device/core/ports/ownership-store';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { shredSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { PAIRING_PATHS } from '#protocol/wire/pairing';
import { ADOPT_PATH, DOOR_FILE, NAME_PATH, OPEN_PATH, PROVE_PATH } from './own-door.ts';

/** 256 bits. */
const KEY_LENGTH = 43;

export interface ComposedPairing {
  readonly desk: PairingDesk;
  /** For the door, which is open before the desk is. */
  readonly posts: LanPosts;
  /** Leaves the file for `tonearm speaker pair`. @returns takes it away */
  leaveKey(port: number): () => Promise<void>;
}

export function composePairing(
  ports: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly ownership: OwnershipStore;
  },
  self: PairingSelf,
  listener: PairingListener,
  dataFolder: string,
): ComposedPairing {
  const loadCipher = async () => {
    const { createNoblePairingCipher } = await import('#protocol/adapters/noble-pairing-cipher');
    return createNoblePairingCipher();
  };
  const memory = createFilePairingMemory(dataFolder);
  const desk = new PairingDesk({ ...ports, memory, check: ed25519Check, loadCipher }, self, listener);
  const key = ports.random.token(KEY_LENGTH);
  const posts: LanPosts = {
    open: {
      [PAIRING_PATHS.begin]: (body, from) => desk.begin(body, from),
      [PAIRING_PATHS.confirm]: (body) => desk.confirm(body),
      [PAIRING_PATHS.finish]: (body) => desk.finish(body),
    },
    own: {
      [OPEN_PATH]: async () => {
        const opened = await desk.open(true);
        return opened.ok ? { ok: true, value: { code: opened.value } } : opened;
      },
      [PROVE_PATH]: (body) => desk.prove(body),
      [NAME_PATH]: async () => desk.introduce(),
      [ADOPT_PATH]: (body) => desk.adopt(body),
    },
    key,
  };
  const path = join(dataFolder, DOOR_FILE);
  const leaveKey = (port: number) => {
    writeSecretFile(path, `${JSON.stringify({ port, key })}\n`);
    return async () => shredSecretFile(path);
  };
  return { desk, posts, leaveKey };
}
