/** In-memory twin of a speaker's settings file. The `SettingsDisk` outlives the process; a write takes time and can be lost. */
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** A small synced write to flash. */
const WRITE_TAKES: Ms = ms(5);

/** What survives when the process does not. */
export interface SettingsDisk {
  written: SpeakerSettings | null;
}

/** @param clock the process's own, so that a write under way is lost when it is killed */
export function createMemorySettingsStore(clock: Clock, disk: SettingsDisk): SettingsStore {
  return {
    load: async () => structuredClone(disk.written),
    save: (settings) => {
      const copy = structuredClone(settings);
      return new Promise((resolve) => {
        clock.setTimer('settings write', WRITE_TAKES, () => {
          disk.written = copy;
          resolve();
        });
      });
    },
  };
}
