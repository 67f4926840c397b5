import { describe, expect, it } from 'vitest';
import { testSound } from '#device/core/audio/playout/sound-test';
import type { AudioSink } from '#device/core/ports/audio-sink';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Frames, frames, hz, ms } from '#protocol/vocabulary/units';
import { RecordingSink } from '#sim/speakers/recording-sink';
import { VirtualClock } from '#sim/world/virtual-clock';

const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;

async function tried(change: (sink: RecordingSink) => AudioSink | undefined = () => undefined) {
  const clock = new VirtualClock();
  const sink = new RecordingSink(clock);
  const testing = testSound(clock, change(sink) ?? sink, REQUEST);
  await clock.advance(ms(10_000));
  return { report: await testing, sink };
}

/** The sink with some of its calls replaced. */
function but(sink: AudioSink, changed: Partial<AudioSink>): AudioSink {
  return new Proxy(sink, {
    get(target, name) {
      const own = Reflect.get(changed, name) ?? Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

describe('the sound test', () => {
  it('finds a device that plays in real time', async () => {
    const { report } = await tried();
    expect(report).toMatchObject({ verdict: 'plays', problem: null, underruns: 0 });
    expect(report.speed).toBeCloseTo(1, 2);
  });

  it('finds that a device does not open, and why', async () => {
    const { report } = await tried((sink) => {
      sink.refuse('no sound card');
      return undefined;
    });
    expect(report).toMatchObject({ verdict: 'does-not-open', grant: null });
    expect(report.problem?.message).toMatch(/no sound card/);
  });

  it('finds that nobody hears it', async () => {
    const problem = new TonearmError('sink.unavailable', 'it is a null device');
    const { report } = await tried((sink) =>
      but(sink, {
        open: async (request, listener) => {
          const outcome = await sink.open(request, listener);
          return outcome.ok ? { ok: true, value: { ...outcome.value, problem } } : outcome;
        },
      }),
    );
    expect(report).toMatchObject({ verdict: 'silent', problem });
  });

  it('finds a device that stands still', async () => {
    const { report } = await tried((sink) => {
      let waiting = 0;
      return but(sink, {
        writableFrames: () => frames(4_800 - waiting),
        write: (_samples, count: Frames) => {
          waiting += count;
          return count;
        },
        delay: () => ({ delayFrames: frames(waiting), atUs: sink.delay().atUs }),
      });
    });
    expect(report).toMatchObject({ verdict: 'does-not-move', speed: 0 });
  });

  it('finds a device that swallows everything at once', async () => {
    const { report } = await tried((sink) =>
      but(sink, {
        write: (_samples, count: Frames) => count,
        delay: () => ({ delayFrames: frames(0), atUs: sink.delay().atUs }),
      }),
    );
    expect(report.verdict).toBe('does-not-move');
  });
});
