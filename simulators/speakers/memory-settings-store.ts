/** In-memory twin of a speaker's settings file. The `SettingsDisk` outlives the process; a write takes time and can be lost. */
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { createGoodDisk, type VirtualDisk } from '#sim/files/virtual-disk';

/** A small synced write to flash. */
const WRITE_TAKES: Ms = ms(5);

/** What survives when the process does not. */
export interface SettingsDisk {
  written: SpeakerSettings | null;
}

/**
 * @param clock the process's own, so that a write under way is lost when it is killed
 * @param medium what the disk itself does; absent: it never refuses
 */
export function createMemorySettingsStore(
  clock: Clock,
  disk: SettingsDisk,
  medium: VirtualDisk = createGoodDisk(clock),
): SettingsStore {
  return {
    load: async () => structuredClone(disk.written),
    save: (settings) => {
      const copy = structuredClone(settings);
      const perform = (): void => {
        disk.written = copy;
      };
      return medium.write(clock, { name: 'settings write', takes: WRITE_TAKES, isForced: true, perform });
    },
  };
}
