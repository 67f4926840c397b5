/**
 * What the speaker remembers, in memory and, a little later, in the store. Later, because a turned volume knob changes
 * twenty times a second and flash memory wears; at once when the speaker stops.
 *
 * A store that fails is reported and costs nothing else: a speaker that cannot remember can still play. One that cannot be
 * read now may be read at the next start: nothing is then written over what it holds, least of all another name for who
 * this is.
 */
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';

export const SAVE_AFTER_MS = ms(1_000);
/** A disk that is busy, or has no file handles left just now, is asked again before it counts as unreadable. */
export const LOAD_TRIES_MAX = 3;
export const LOAD_AGAIN_AFTER_MS = ms(200);

export interface SettingsKeeper {
  readonly current: () => SpeakerSettings;
  /** Takes effect now, is saved within `SAVE_AFTER_MS`. */
  change(part: Partial<SpeakerSettings>): void;
  /** Saves what is not saved yet; resolves when the store has it, or has failed. Clears the timer. */
  flush(): Promise<void>;
}

export interface SettingsKeeperPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: SettingsStore;
}

/**
 * Loads what is stored.
 * @param fresh what to begin with on first start, and saved at once then; or when the store cannot be read, and never saved then
 */
export async function openSettings(ports: SettingsKeeperPorts, fresh: () => SpeakerSettings): Promise<SettingsKeeper> {
  const stored = await load(ports);
  if (stored === 'unreadable') return keep({ ...ports, settings: UNWRITTEN }, fresh());
  const keeper = keep(ports, stored ?? fresh());
  if (stored === null) {
    keeper.change({});
    await keeper.flush();
  }
  return keeper;
}

/** For this life only. */
const UNWRITTEN: SettingsStore = { load: async () => null, save: async () => {} };

async function load(ports: SettingsKeeperPorts): Promise<SpeakerSettings | null | 'unreadable'> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ports.settings.load();
    } catch (thrown) {
      const error = toTonearmError(thrown, 'storage.failed');
      ports.logger.error('settings.unreadable', { code: error.code, reason: error.message, tries });
      if (tries === LOAD_TRIES_MAX) return 'unreadable';
    }
    await pass(ports.clock, LOAD_AGAIN_AFTER_MS);
  }
}

function pass(clock: Clock, time: Ms): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer('settings-load', time, resolve);
  });
}

function keep(ports: SettingsKeeperPorts, initial: SpeakerSettings): SettingsKeeper {
  const lock = createSerialLock();
  let current = initial;
  let waiting: Timer | null = null;

  async function save(): Promise<void> {
    waiting?.cancel();
    waiting = null;
    try {
      await ports.settings.save(current);
    } catch (thrown) {
      const error = toTonearmError(thrown, 'storage.failed');
      ports.logger.error('settings.not-saved', { code: error.code, reason: error.message });
    }
  }

  return {
    current: () => current,
    change: (part) => {
      current = { ...current, ...part };
      waiting ??= ports.clock.setTimer('settings-save', SAVE_AFTER_MS, () => void lock.run(save));
    },
    flush: async () => {
      if (waiting !== null) await lock.run(save);
      // A save that began before is waited for too.
      await lock.run(() => Promise.resolve());
    },
  };
}
