/** Disks that fill up or fail while everything runs; what a power cut takes from them is in `processes.ts`. */
import type { DiskMood, VirtualDisk } from '#sim/files/virtual-disk';
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';
import { speakerNamed, speakerNames } from './processes.ts';

export const DISK_FAULTS: readonly FaultKind[] = [
  diskFault('disk-full', 'full', 'has a full disk'),
  diskFault('disk-failing', 'failing', 'has a disk that fails'),
];

function diskFault(name: string, mood: DiskMood, words: string): FaultKind {
  return {
    name,
    targets: (world) => ['bridge', ...speakerNames(world)],
    begin: (world, target) => {
      const disk = diskOf(world, target);
      if (disk === undefined) return NOTHING_TO_MEND;
      world.timeline.note(target, words);
      disk.mood = mood;
      return once(() => {
        world.timeline.note(target, `${words}: no more`);
        disk.mood = 'good';
      });
    },
  };
}

function diskOf(world: World, target: string): VirtualDisk | undefined {
  return target === 'bridge' ? world.bridge.medium : speakerNamed(world, target)?.medium;
}
