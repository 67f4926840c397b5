import { describePlaybackMemory } from '#sim/compliance/playback-memory.suite';
import {
  createPlaybackDisk,
  createVirtualPlaybackMemory,
  createVirtualSoundTrace,
} from '#sim/speakers/virtual-playback-memory';
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
