/** The capturing loudspeaker keeps the contract of every sink. */
import { describeAudioSink } from '#sim/compliance/audio-sink.suite';
import { VirtualClock } from '#sim/world/virtual-clock';
import { CapturedSink } from './captured-sink.ts';

describeAudioSink('captured', async () => {
  const clock = new VirtualClock();
  return {
    sink: new CapturedSink(clock),
    pass: (time) => clock.advance(time),
    toleranceFrames: 0,
    stop: async () => {},
  };
});
