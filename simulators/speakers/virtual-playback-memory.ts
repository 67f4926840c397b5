/** Twin of a speaker's playback memory. The `PlaybackDisk` outlives the process; a write takes time and can be lost. */
import { lastHeard, type SoundLeft } from '#device/core/control/last-heard';
import type { PlaybackMemory, RememberedPlayback } from '#device/core/ports/playback-memory';
import type { SoundTrace } from '#device/core/ports/sound-trace';
import type { Clock } from '#protocol/ports/clock';
import { type Frames, type Ms, ms, type Us } from '#protocol/vocabulary/units';
import { createGoodDisk, type VirtualDisk } from '#sim/files/virtual-disk';

/** From the call until it is safe from the end of the process. */
const WRITE_TAKES: Ms = ms(1);
const US_PER_MS = 1_000;

/** What survives when the process does not. */
export interface PlaybackDisk {
  /** Starts of the machine. */
  boots: number;
  written: { readonly playback: RememberedPlayback; readonly atUs: Us; readonly boots: number } | null;
  traced: (SoundLeft & { readonly boots: number }) | null;
}

export function createPlaybackDisk(): PlaybackDisk {
  return { boots: 0, written: null, traced: null };
}

/**
 * @param clock the process's own, so that a write under way is lost when it is killed
 * @param medium what the disk itself does; absent: it never refuses
 */
export function createVirtualPlaybackMemory(
  clock: Clock,
  disk: PlaybackDisk,
  medium: VirtualDisk = createGoodDisk(clock),
): PlaybackMemory {
  let newest: RememberedPlayback | null = null;

  function write(playback: RememberedPlayback): void {
    newest = playback;
    const written = { playback: structuredClone(playback), atUs: clock.nowUs(), boots: disk.boots };
    let before: PlaybackDisk['written'] = null;
    const perform = (): void => {
      before = disk.written;
      disk.written = written;
    };
    const lose = (): void => {
      disk.written = before;
    };
    // What cannot be written is not remembered; the real one says so in its log alone.
    medium
      .write(clock, { name: 'playback write', takes: WRITE_TAKES, isForced: false, perform, lose })
      .catch(() => undefined);
  }

  return {
    recall: async () => {
      if (disk.written === null) return null;
      const { playback, atUs, boots } = structuredClone(disk.written);
      const last = lastHeard({ ...playback, atUs }, disk.traced?.boots === boots ? disk.traced : null);
      const ageMs = boots === disk.boots ? ms((clock.nowUs() - last.atUs) / US_PER_MS) : null;
      return { ...playback, session: last.session, ageMs };
    },
    remember: write,
    place: (positionFrames: Frames) => {
      const session = newest?.session ?? null;
      if (newest === null || session === null || session.playback.kind === 'stopped') return;
      write({ ...newest, session: { ...session, playback: { ...session.playback, positionFrames } } });
    },
    flush: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.setTimer('playback flush', WRITE_TAKES, () => {
        medium.force();
        resolve();
      });
      return promise;
    },
  };
}

/** Twin of a sound's trace: what is left survives at once. @param clock the process's own */
export function createVirtualSoundTrace(clock: Clock, disk: PlaybackDisk): SoundTrace {
  return {
    leave: ({ generation, trackId }, positionFrames) => {
      disk.traced = { generation, trackId, positionFrames, atUs: clock.nowUs(), boots: disk.boots };
    },
  };
}
