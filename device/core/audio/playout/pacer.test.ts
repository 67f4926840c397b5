/** How full a device is kept, how seldom it is looked at, and what is believed of one that went away. */
import { describe, expect, it } from 'vitest';
import type { AudioSinkGrant } from '#device/core/ports/audio-sink';
import { type Frames, frames, framesToMs, hz, ms, msToFrames } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { ToneReader } from '#sim/speakers/tone-reader';
import { VirtualClock } from '#sim/world/virtual-clock';
import { Mixer } from '../mix/mixer.ts';
import { type TaggedVoice, Voice } from '../mix/voice.ts';
import { ClockedQueue } from './clocked-queue.ts';
import { createPacer, RESERVE } from './pacer.ts';
import { Timeline } from './timeline.ts';

const LATENCY = ms(100);
const BUFFER = msToFrames(ms(2_000));
const PACKET_MS = 20;

function voiceOf(generation: number, lengthMs: number): TaggedVoice {
  const reader = new ToneReader(0.1, lengthMs / PACKET_MS, 'ended');
  const tag = { generation, trackId: trackIdOf(generation), durationFrames: frames(reader.durationFrames) };
  return { voice: new Voice(reader, frames(0), 1), tag };
}

function pacerWith(canRewind: boolean) {
  const clock = new VirtualClock();
  const queue = new ClockedQueue(clock, BUFFER);
  const seen = { looks: 0, mostMs: 0, leastMs: Number.POSITIVE_INFINITY };
  const began: [number, number][] = [];
  const following = { next: (): TaggedVoice | null => null };
  const timeline = new Timeline();
  const mixer = new Mixer(
    {
      following: () => following.next(),
      crossfadeFrames: () => 0,
      rendered: (tag, position, count) => timeline.append(tag, position, count),
    },
    { crossfadeFramesMax: 0 },
  );
  const sink = {
    name: 'queue',
    open: () => Promise.reject(new Error('opened by the test')),
    writableFrames: () => queue.room(),
    write: (_samples: unknown, count: Frames) => {
      queue.push(count);
      return count;
    },
    delay: () => ({ delayFrames: queue.waiting(), atUs: clock.nowUs() }),
    rewind: (count: Frames) => (canRewind ? queue.rewind(count, 0) : frames(0)),
    drop: () => queue.drop(),
    underruns: () => queue.underruns,
    drain: () => queue.drain(),
    close: async () => {},
  };
  const pacer = createPacer(
    { clock, sink },
    { mixer, timeline },
    {
      began: (tag) => began.push([tag.generation, clock.nowUs() / 1_000]),
      ticked: () => {
        seen.looks += 1;
        seen.mostMs = Math.max(seen.mostMs, framesToMs(queue.waiting()));
      },
    },
    { latency: LATENCY, ditherSeed: null },
  );
  const grant: AudioSinkGrant = {
    rate: hz(48_000),
    channels: 2,
    bufferFrames: BUFFER,
    periodFrames: frames(480),
    sampleBits: 16,
    canRewind,
  };
  const begin = (first: TaggedVoice): void => {
    pacer.play();
    pacer.start(grant);
    pacer.replace(first);
  };
  return { clock, queue, pacer, seen, began, following, begin };
}

describe('the pacer', () => {
  it('keeps what was chosen waiting in a device that gives nothing back, and its reserve in one that does', async () => {
    for (const [canRewind, wantedMs] of [
      [false, LATENCY],
      [true, RESERVE],
    ] as const) {
      const { clock, queue, seen, begin } = pacerWith(canRewind);
      begin(voiceOf(1, 10_000));
      await clock.advance(ms(5_000));
      expect([canRewind, seen.mostMs]).toEqual([canRewind, wantedMs]);
      expect(queue.underruns).toBe(0);
    }
  });

  it('looks half as often where the reserve waits', async () => {
    const looksOf = async (canRewind: boolean): Promise<number> => {
      const { clock, seen, begin } = pacerWith(canRewind);
      begin(voiceOf(1, 10_000));
      await clock.advance(ms(5_000));
      return seen.looks;
    };
    const [often, seldom] = [await looksOf(false), await looksOf(true)];
    expect(seldom).toBeLessThan(0.55 * often);
  });

  it('tells within two milliseconds that the next track is heard, however seldom it looks', async () => {
    for (const lengthMs of [540, 1_020, 1_100, 3_140]) {
      const { clock, began, following, begin } = pacerWith(true);
      const second = voiceOf(2, 3_000);
      following.next = () => {
        following.next = () => null;
        return second;
      };
      begin(voiceOf(1, lengthMs));
      await clock.advance(ms(lengthMs + 1_000));
      expect(began.map(([generation]) => generation)).toEqual([1, 2]);
      const lateMs = (began[1]?.[1] ?? 0) - lengthMs;
      expect(lateMs).toBeGreaterThan(0);
      expect(lateMs).toBeLessThanOrEqual(2);
    }
  });

  it('takes it that a device that went away did so half-way since the last look', async () => {
    const { clock, pacer, begin } = pacerWith(true);
    begin(voiceOf(1, 10_000));
    await clock.advance(ms(1_000));
    const { positionFrames = frames(0), atUs = clock.nowUs() } = pacer.heard() ?? {};
    clock.stall(ms(60));
    const sinceFrames = msToFrames(ms((clock.nowUs() - atUs) / 1_000));
    expect(pacer.lost()?.positionFrames).toBe(positionFrames + Math.floor(sinceFrames / 2));
    expect(clock.timers()).not.toContain('playout.tick');
  });

  it('does not take it that more was heard than was put out', async () => {
    const { clock, pacer, begin } = pacerWith(true);
    begin(voiceOf(1, 10_000));
    await clock.advance(ms(1_000));
    const { positionFrames = frames(0) } = pacer.heard() ?? {};
    clock.stall(ms(5_000));
    const heard = pacer.lost()?.positionFrames ?? 0;
    expect(heard).toBeGreaterThan(positionFrames);
    expect(heard).toBeLessThanOrEqual(positionFrames + msToFrames(RESERVE));
  });
});
