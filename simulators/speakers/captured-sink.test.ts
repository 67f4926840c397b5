/** The capturing loudspeaker keeps the contract of every sink, whether or not it gives back what is not heard. */
import { describeAudioSink } from '#sim/compliance/audio-sink.suite';
import { VirtualClock } from '#sim/world/virtual-clock';
import { CapturedSink } from './captured-sink.ts';

for (const canRewind of [true, false]) {
  describeAudioSink(`captured, rewind: ${canRewind}`, async () => {
    const clock = new VirtualClock();
    return {
      sink: new CapturedSink(clock, { canRewind }),
      pass: (time) => clock.advance(time),
      toleranceFrames: 0,
      stop: async () => {},
    };
  });
}
