/** The capturing loudspeaker keeps the contract of every sink, whether or not it gives back what is not heard. */
import { describe, expect, it } from 'vitest';
import { frames, ms } from '#protocol/vocabulary/units';
import { describeAudioSink } from '#sim/compliance/audio-sink.suite';
import { VirtualClock } from '#sim/world/virtual-clock';
import { CapturedSink, type CapturedSinkOptions } from './captured-sink.ts';

/** Half a frame more or less at each look. */
const FAR_OFF_FRAMES = 100;

function describeCaptured(name: string, options: CapturedSinkOptions, toleranceFrames = 0): void {
  describeAudioSink(`captured, ${name}`, async () => {
    const clock = new VirtualClock();
    return {
      sink: new CapturedSink(clock, options),
      pass: (time) => clock.advance(time),
      toleranceFrames,
      stop: async () => {},
    };
  });
}

describeCaptured('gives sound back', { canRewind: true });
describeCaptured('gives nothing back', { canRewind: false });
describeCaptured('runs too fast', { driftPpm: 300 }, FAR_OFF_FRAMES);
describeCaptured('runs too slowly', { driftPpm: -300 }, FAR_OFF_FRAMES);

const LISTENER = { lost: () => {} };

async function opened(options: CapturedSinkOptions) {
  const clock = new VirtualClock();
  const sink = new CapturedSink(clock, options);
  void sink.open({ latency: ms(100) } as Parameters<CapturedSink['open']>[0], LISTENER);
  await clock.advance(ms(100));
  return { clock, sink };
}

describe('a loudspeaker with traits', () => {
  it('takes as many frames of a second as its own clock counts', async () => {
    for (const [driftPpm, expected] of [
      [1_000, 4_804.8],
      [-1_000, 4_795.2],
    ] as const) {
      const { clock, sink } = await opened({ driftPpm });
      sink.write(new Int16Array(2 * 4_800), frames(4_800));
      const fromUs = clock.nowUs();
      let taken = 0;
      while (clock.nowUs() - fromUs < 100_000) {
        await clock.advance(ms(10));
        taken += sink.write(new Int16Array(2 * 4_800), sink.writableFrames());
      }
      expect(Math.abs(taken - expected)).toBeLessThanOrEqual(1);
    }
  });

  it('is heard as much later as it needs, says so, and drains for as long', async () => {
    const { clock, sink } = await opened({ latency: ms(150) });
    sink.write(new Int16Array(2 * 4_800).fill(8_000), frames(4_800));
    const writtenUs = clock.nowUs();
    await clock.advance(ms(50));
    expect(sink.delay().delayFrames).toBe(4_800);
    let drainedUs = 0;
    void sink.drain().then(() => {
      drainedUs = clock.nowUs();
    });
    await clock.advance(ms(100));
    expect(sink.delay().delayFrames).toBe(4_800);
    await clock.advance(ms(60));
    expect(sink.delay().delayFrames).toBe(Math.round(0.04 * 48_000));
    await clock.advance(ms(500));
    expect(sink.delay().delayFrames).toBe(0);
    expect(Math.round((drainedUs - writtenUs) / 1_000)).toBe(250);
    // The last frame left the buffer after 100 ms, and was in the air 150 ms later.
    expect(Math.round(((sink.heard.lastAudibleUs ?? 0) - writtenUs) / 1_000)).toBe(250);
  });

  it('is clocked anew while it plays, and goes by that from then on', async () => {
    const { clock, sink } = await opened({});
    sink.write(new Int16Array(2 * 4_800), frames(4_800));
    await clock.advance(ms(50));
    sink.reclock(10_000);
    await clock.advance(ms(20));
    expect(sink.delay().delayFrames).toBe(4_800 - 2_400 - Math.floor(960 * 1.01));
  });
});
