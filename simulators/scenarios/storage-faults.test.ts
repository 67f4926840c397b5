/**
 * A disk that fails, fills up or loses its power at every single operation on it, under the speaker's settings and its
 * memory of what played: what is read afterwards is what was there before or what was to be there, never a mixture, never
 * nothing; and the next process writes again as if nothing had been.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFilePlaybackMemory } from '#device/adapters/file-playback-memory/file-playback-memory';
import { createFileSettingsStore } from '#device/adapters/file-settings-store/file-settings-store';
import type { RememberedPlayback } from '#device/core/ports/playback-memory';
import type { SpeakerSettings } from '#device/core/ports/settings-store';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { resumeToken, speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import type { FaultyDisk } from '#sim/files/faulty-disk';
import { VirtualClock } from '#sim/world/virtual-clock';

const disk = vi.hoisted((): { current: FaultyDisk | null } => ({ current: null }));

vi.mock('node:fs/promises', async (original) => {
  const { createFaultyFiles } = await import('#sim/files/faulty-disk');
  return createFaultyFiles(await original<typeof import('node:fs/promises')>(), () => disk.current);
});

const { FaultyDisk: Disk } = await import('#sim/files/faulty-disk');

const OLD: SpeakerSettings = {
  speakerId: speakerId('speaker-under-test'),
  name: 'Kitchen',
  volume: percent(37),
  resumeToken: null,
  lastBridgeAddress: null,
};
const NEW: SpeakerSettings = { ...OLD, volume: percent(80), resumeToken: resumeToken('a-token-from-a-bridge') };
/** A save has nine; beyond the last one nothing fails. */
const OPERATIONS_MAX = 60;

describe('settings on a disk that fails', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tonearm-storage-'));
    await open().save(OLD);
  });
  afterEach(async () => {
    disk.current = null;
    await rm(folder, { recursive: true, force: true });
  });

  const open = () => createFileSettingsStore(join(folder, 'data'), silentLogger);

  /** @returns what became of it: a failure of the disk has its name, and nothing else is thrown */
  async function attempt<Value>(what: () => Promise<Value>): Promise<Value | 'failed'> {
    try {
      return await what();
    } catch (thrown) {
      expect(thrown, 'thrown').toBeInstanceOf(TonearmError);
      expect((thrown as TonearmError).code, 'code').toBe('storage.failed');
      return 'failed';
    }
  }

  async function forEveryOperation(fault: (number: number) => FaultyDisk): Promise<number> {
    for (let number = 1; number <= OPERATIONS_MAX; number += 1) {
      await open().save(OLD);
      const faulty = fault(number);
      disk.current = faulty;
      const store = open();
      const loaded = await attempt(() => store.load());
      if (loaded !== 'failed') expect(loaded, `read with operation ${number} failing`).toEqual(OLD);
      const saved = await attempt(() => store.save(NEW));
      await faulty.loseWhatIsNotSynced();
      disk.current = null;
      const after = await open().load();
      const label = `read after operation ${number} failed`;
      if (saved === 'failed') expect([OLD, NEW], label).toContainEqual(after);
      else expect(after, `${label}: what was acknowledged`).toEqual(NEW);
      await open().save(NEW);
      expect(await open().load(), 'and written again').toEqual(NEW);
      if (!faulty.hasStruck) return number - 1;
    }
    throw new Error(`more than ${OPERATIONS_MAX} operations`);
  }

  it.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE'])(
    '%s once, at each operation in turn: old or new, and it recovers',
    async (code) => {
      const operations = await forEveryOperation(
        (number) => new Disk({ kind: 'fails', code, at: number, isForGood: false }),
      );
      expect(operations).toBeGreaterThan(6);
    },
  );

  it.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE'])(
    '%s from each operation on: old or new, and it recovers',
    async (code) => {
      const operations = await forEveryOperation(
        (number) => new Disk({ kind: 'fails', code, at: number, isForGood: true }),
      );
      expect(operations).toBeGreaterThan(6);
    },
  );

  it('power lost at each operation, with what was not forced to the disk: old or new, never neither', async () => {
    const operations = await forEveryOperation((number) => new Disk({ kind: 'loses power', at: number }));
    expect(operations).toBeGreaterThan(6);
  });
});

const playbackOf = (epoch: number): RememberedPlayback => ({
  epoch,
  volume: percent(20),
  session: null,
  generation: 0,
  resumes: 0,
});

describe('the memory of what played, on a disk that fails', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tonearm-storage-'));
  });
  afterEach(async () => {
    disk.current = null;
    await rm(folder, { recursive: true, force: true });
  });

  const open = () => {
    const options = { folder, tracePath: join(folder, 'trace'), bootId: 'one' };
    return createFilePlaybackMemory({ clock: new VirtualClock(), logger: silentLogger }, options);
  };

  /** One process's life: recalls, remembers, ends as it should. */
  async function live(epoch: number): Promise<number | null> {
    const memory = open();
    const recalled = await memory.recall();
    memory.remember(playbackOf(epoch));
    await memory.flush();
    return recalled?.epoch ?? null;
  }

  const faults: readonly [string, (at: number) => FaultyDisk][] = [
    ...['ENOSPC', 'EIO', 'EROFS', 'EMFILE'].map((code): [string, (at: number) => FaultyDisk] => [
      code,
      (at) => new Disk({ kind: 'fails', code, at, isForGood: true }),
    ]),
    ['power lost', (at) => new Disk({ kind: 'loses power', at })],
  ];

  it.each(faults)('%s from each operation on: the record before or the new one, and it recovers', async (_, fault) => {
    for (let number = 1; number <= OPERATIONS_MAX; number += 1) {
      await live(1);
      const faulty = fault(number);
      disk.current = faulty;
      await live(2);
      await faulty.loseWhatIsNotSynced();
      disk.current = null;
      expect([1, 2], `recalled after operation ${number} failed`).toContain(await live(3));
      expect(await live(4), 'and remembered again').toBe(3);
      if (!faulty.hasStruck) return;
    }
    throw new Error(`more than ${OPERATIONS_MAX} operations`);
  });
});
