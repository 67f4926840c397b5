/** What a speaker keeps of pairing, in memory that outlives the process: the disk of a simulated world. */
import type { Ownership, OwnershipStore } from '#device/core/ports/ownership-store';
import type { PairingMemory } from '#device/core/ports/pairing-memory';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { VirtualDisk } from '#sim/files/virtual-disk';

/** `isDamaged` and `isFailing` are set by a test. */
export interface PairingDisk {
  ownership: Ownership | null;
  isDamaged: boolean;
  isFailing: boolean;
  /** NaN: cannot be read. */
  failures: number;
  label: string | null;
}

export function createPairingDisk(): PairingDisk {
  return { ownership: null, isDamaged: false, isFailing: false, failures: 0, label: null };
}

/** @param medium what the disk itself does; absent: it refuses only when `disk` says so */
export function createVirtualOwnershipStore(disk: PairingDisk, medium: VirtualDisk | null = null): OwnershipStore {
  const mustTake = (name: string): void => {
    mustWork(disk);
    const refusal = medium?.refusal(name) ?? null;
    if (refusal !== null) throw refusal;
  };
  return {
    load: async () => {
      if (disk.isDamaged) throw new TonearmError('storage.failed', 'the record cannot be read');
      return disk.ownership === null ? null : structuredClone(disk.ownership);
    },
    save: async (ownership) => {
      mustTake('ownership write');
      disk.ownership = structuredClone(ownership);
      disk.isDamaged = false;
    },
    clear: async () => {
      mustTake('ownership clear');
      disk.ownership = null;
      disk.isDamaged = false;
    },
  };
}

export function createVirtualPairingMemory(disk: PairingDisk): PairingMemory {
  return {
    failures: async () => {
      if (Number.isNaN(disk.failures)) throw new TonearmError('storage.failed', 'the count cannot be read');
      return disk.failures;
    },
    saveFailures: async (failures) => {
      mustWork(disk);
      disk.failures = failures;
    },
    writeLabel: async (text) => {
      mustWork(disk);
      disk.label = text;
    },
  };
}

function mustWork(disk: PairingDisk): void {
  if (disk.isFailing) throw new TonearmError('storage.failed', 'the disk is full of holes');
}
