/** The lease of a household in memory: one disk, that several virtual bridges share. */
import type { HouseholdLease, LeaseView } from '#bridge/core/ports/household-lease';

/** What survives a kill of any of them. */
export interface LeaseDisk {
  view: LeaseView;
}

export function createLeaseDisk(): LeaseDisk {
  return { view: { node: null, term: 0, beats: 0 } };
}

/** @param reach throws while this bridge cannot reach the disk */
export function createMemoryHouseholdLease(disk: LeaseDisk, reach: () => void = () => undefined): HouseholdLease {
  return {
    read: async () => {
      reach();
      return disk.view;
    },
    take: async (node, seen) => {
      reach();
      const { view } = disk;
      const isAsSeen = view.node === seen.node && view.term === seen.term && view.beats === seen.beats;
      if (!isAsSeen) return null;
      disk.view = { node, term: view.term + 1, beats: 0 };
      return disk.view.term;
    },
    renew: async (term) => {
      reach();
      const { view } = disk;
      if (view.term !== term || view.node === null) return false;
      disk.view = { ...view, beats: view.beats + 1 };
      return true;
    },
    release: async (term) => {
      reach();
      if (disk.view.term === term) disk.view = { ...disk.view, node: null };
    },
  };
}
