/**
 * Puts together what looks after updates, where `slot-start` has said where versions lie. Loaded only then: a speaker from
 * a source tree has nothing that could be replaced.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runSelfTest } from '#device/adapters/child-self-test/child-self-test';
import { createFileSlotStore, readVersion } from '#device/adapters/file-slot-store/file-slot-store';
import { createHttpUpdateSource } from '#device/adapters/http-content-source/http-update-source';
import { boardNames, glibcVersion, isNetworkDown, LoopLag } from '#device/adapters/machine-facts/machine-facts';
import { openFileUpdateSource } from '#device/adapters/update-file/file-update-source';
import type { Device } from '#device/core/device';
import type { SpeakerSigns } from '#device/core/ports/speaker-signs';
import type { BridgeAccess } from '#device/core/ports/update-listener';
import type { Hashing } from '#device/core/update/fetch-candidate';
import { createUpdateAgent } from '#device/core/update/update-agent';
import type { UpdateState } from '#device/core/update/update-machine';
import type { UpdateWindow } from '#device/core/update/update-window';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { readJson } from '#protocol/adapters/release-folder';
import { readFirstRoot } from '#protocol/kit/update-trust';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Arch, type SlotVersion, signedTextSchema } from '#protocol/wire/update';
import { SPEAKER_VERSION } from './version.ts';

const MINUTES_PER_HOUR = 60;

/** As `slot-start` sets them. */
export interface UpdateEnvironment {
  readonly TONEARM_FIRMWARE?: string | undefined;
  readonly TONEARM_FACTORY?: string | undefined;
  readonly TONEARM_KEYS?: string | undefined;
  /** The number of what the package owns. */
  readonly TONEARM_BASE?: string | undefined;
  readonly [name: string]: string | undefined;
}

export interface UpdateComposing {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly engine: { isAlive(): Promise<boolean> };
  readonly env: UpdateEnvironment;
  /** Ends this process as it is ended from outside. */
  readonly end: () => void;
  readonly speakerId: string;
  readonly window: UpdateWindow | null;
  readonly device: () => Device | null;
  readonly stateChanged?: (state: UpdateState['kind']) => void;
}

export interface ComposedUpdates {
  offered(): void;
  bridgeIs(access: BridgeAccess): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @param path of a packed release @param mayBeOlder than one that was seen */
  bring(path: string, mayBeOlder: boolean): Promise<Result<{ readonly version: string }, TonearmError>>;
}

/** @returns null where nobody said where versions lie, or whom to trust; that is said, and is no reason to fall silent */
export async function composeUpdates(composing: UpdateComposing): Promise<ComposedUpdates | null> {
  try {
    return await tryComposing(composing);
  } catch (thrown) {
    const { code, message } = toTonearmError(thrown);
    composing.logger.error('update.unavailable', { code, reason: message });
    return null;
  }
}

async function tryComposing(composing: UpdateComposing): Promise<ComposedUpdates | null> {
  const { clock, random, logger, env, end, speakerId } = composing;
  const { TONEARM_FIRMWARE: folder, TONEARM_FACTORY: factory, TONEARM_KEYS: keys } = env;
  if (folder === undefined || factory === undefined || keys === undefined) return null;
  if (!existsSync(keys)) {
    // Packed for nobody's signature: its updates come as packages.
    logger.info('update.nobody-trusted', { keys });
    return null;
  }
  const root = readFirstRoot(ed25519Check, readJson(signedTextSchema, keys));
  if (!root.ok) throw root.error;
  const arch: Arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const slots = createFileSlotStore({ folder, factory });
  const packaged = await readVersion(factory);
  const running = (await slots.running()).version ?? packaged ?? unknownVersion(arch);
  const source = createHttpUpdateSource(clock);
  const lag = new LoopLag(clock);
  const agent = createUpdateAgent(
    {
      ...{ clock, random, logger, slots, source, hashing: nodeHashing, check: ed25519Check },
      ...(composing.stateChanged && { stateChanged: composing.stateChanged }),
      signs: signsOf(composing, lag),
      selfTest: (slot) => runSelfTest(join(folder, 'slots', slot, 'tonearm'), env),
      restart: end,
    },
    {
      machine: {
        ...{ id: speakerId, arch, channel: 'stable', base: Number(env.TONEARM_BASE ?? 0) },
        // Asked when there is an offer: to find out takes a while.
        get hardware() {
          return boardNames();
        },
        get glibc() {
          return glibcVersion();
        },
      },
      running,
      factorySeq: packaged?.seq ?? 0,
      root: root.value,
      window: composing.window,
    },
  );
  return {
    offered: () => agent.offered(),
    bridgeIs: (access) => {
      source.bridgeIs(access);
      // Before the welcome there is an address, and nobody behind it yet.
      if (access.accessToken !== undefined || isConnected(composing)) agent.bridgeReady();
    },
    start: () => agent.start(),
    stop: async () => {
      agent.stop();
      lag.stop();
      source.close();
    },
    bring: async (path, mayBeOlder) => {
      try {
        const file = await openFileUpdateSource(path);
        return await agent.bring(file, mayBeOlder).finally(() => file.close());
      } catch (thrown) {
        return refused(toTonearmError(thrown));
      }
    },
  };
}

function signsOf({ engine, device }: UpdateComposing, lag: LoopLag): SpeakerSigns {
  return {
    isSilent: () => {
      const kind = device()?.view().session?.playback.kind ?? 'stopped';
      return kind !== 'playing' && kind !== 'buffering';
    },
    hasSink: () => device()?.view().speaker.outputProblem === null,
    hasBridge: () => isConnected({ device }),
    isNetworkDown,
    loopLagP99Ms: () => lag.p99Ms(),
    isAlive: () => engine.isAlive(),
    minute: () => minuteOf(new Date()),
  };
}

function minuteOf(time: Date): number {
  return time.getHours() * MINUTES_PER_HOUR + time.getMinutes();
}

function isConnected({ device }: Pick<UpdateComposing, 'device'>): boolean {
  return device()?.view().connection.kind === 'connected';
}

/** Of a build that is no release: any release is newer. */
function unknownVersion(arch: Arch): SlotVersion {
  const version = /^\d+\.\d+\.\d+/.exec(SPEAKER_VERSION)?.[0] ?? '0.0.0';
  return { format: 1, version, seq: 0, arch, sizeBytes: 0, sha256: '0'.repeat(64) };
}

const nodeHashing: Hashing = {
  ofText: (text) => createHash('sha256').update(text).digest('hex'),
  ofBytes: (data) => createHash('sha256').update(data).digest('hex'),
  start: () => {
    const hash = createHash('sha256');
    return { update: (data) => void hash.update(data), finish: () => hash.digest('hex') };
  },
};
