import { describePlaybackMemory } from '#sim/compliance/playback-memory.suite';
import { VirtualDisk } from '#sim/files/virtual-disk';
import {
  createPlaybackDisk,
  createVirtualPlaybackMemory,
  createVirtualSoundTrace,
} from '#sim/speakers/virtual-playback-memory';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

describePlaybackMemory('virtual', async () => {
  const clock = new VirtualClock();
  const disk = createPlaybackDisk();
  return {
    open: () => createVirtualPlaybackMemory(clock, disk),
    openTrace: () => createVirtualSoundTrace(clock, disk),
    reboot: () => {
      disk.boots += 1;
    },
    pass: (time) => clock.advance(time),
    stop: async () => undefined,
  };
});

describePlaybackMemory('virtual, on a disk of its own', async () => {
  const clock = new VirtualClock();
  const disk = createPlaybackDisk();
  const medium = new VirtualDisk(clock, new SeededRandom(1));
  return {
    open: () => createVirtualPlaybackMemory(clock, disk, medium),
    openTrace: () => createVirtualSoundTrace(clock, disk),
    reboot: () => {
      disk.boots += 1;
    },
    pass: (time) => clock.advance(time),
    stop: async () => undefined,
  };
});
