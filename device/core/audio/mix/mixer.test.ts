import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { ToneReader } from '#sim/speakers/tone-reader';
import type { PlayTag } from '../playout/play-tag.ts';
import { Mixer } from './mixer.ts';
import { FADE_FRAMES } from './ramp.ts';
import { BLOCK_FRAMES, type TaggedVoice, Voice } from './voice.ts';

const PACKET = 960;

function voiceOf(reader: ToneReader, generation = 1): TaggedVoice {
  const tag: PlayTag = {
    generation,
    trackId: trackIdOf(generation),
    durationFrames: frames(reader.durationFrames),
  };
  return { voice: new Voice(reader, frames(0), 1), tag };
}

function mixerWith(following: TaggedVoice[] = [], crossfade = 0) {
  const rendered: { generation: number | null; position: number | null; count: number }[] = [];
  const mixer = new Mixer(
    {
      following: () => following.shift() ?? null,
      crossfadeFrames: () => (following.length > 0 ? crossfade : 0),
      rendered: (tag, position, count) => rendered.push({ generation: tag?.generation ?? null, position, count }),
    },
    { crossfadeFramesMax: crossfade },
  );
  const out = new Float32Array(BLOCK_FRAMES * 2);
  const heard: number[] = [];
  const run = (blocks: number, size = BLOCK_FRAMES): number => {
    let total = 0;
    for (let block = 0; block < blocks; block += 1) {
      const count = mixer.render(out, size, true);
      for (let frame = 0; frame < count; frame += 1) heard.push(out[frame * 2] ?? 0);
      total += count;
    }
    return total;
  };
  const steepest = (): number => Math.max(0, ...heard.slice(1).map((value, at) => Math.abs(value - (heard[at] ?? 0))));
  /** Frames told of a generation, as [first position, count] of what goes on without a break. */
  const told = (): [number | null, number | null, number][] => {
    const runs: [number | null, number | null, number][] = [];
    for (const { generation, position, count } of rendered) {
      const last = runs.at(-1);
      if (
        last !== undefined &&
        last[0] === generation &&
        (position === null || (last[1] ?? 0) + last[2] === position)
      ) {
        last[2] += count;
      } else runs.push([generation, position, count]);
    }
    return runs;
  };
  return { mixer, heard, run, steepest, told };
}

/** A step that a fade of this length makes with full-scale sound. */
const STEP_MAX = 1.01 / FADE_FRAMES;

describe('the mixer', () => {
  it('fades out before the data ends, and stays silent until it is released', () => {
    const { mixer, heard, run, steepest } = mixerWith();
    const reader = new ToneReader(1, 5, 'missing');
    mixer.replace(voiceOf(reader));
    expect(run(20)).toBe(5 * PACKET);
    expect(mixer.status).toBe('starved');
    expect([heard[0], heard.at(-1)]).toEqual([1, expect.closeTo(0, 10)]);
    reader.arrive(5);
    expect(run(3)).toBe(0);
    mixer.release();
    expect(run(20)).toBe(5 * PACKET);
    expect(heard.at(-1)).toBeCloseTo(0, 10);
    expect(steepest()).toBeLessThanOrEqual(STEP_MAX);
  });

  it('joins what follows at full level, in the middle of a block', () => {
    const next = voiceOf(new ToneReader(0.5, 10, 'ended'), 2);
    const { mixer, heard, told, run } = mixerWith([next]);
    const reader = new ToneReader(1, 3, 'ended');
    mixer.replace(voiceOf(reader));
    run(40);
    expect(heard).toHaveLength(13 * PACKET);
    expect([heard[3 * PACKET - 1], heard[3 * PACKET]]).toEqual([1, 0.5]);
    expect(told()).toEqual([
      [1, 0, 3 * PACKET],
      [2, 0, 10 * PACKET],
    ]);
    expect([mixer.status, reader.closings]).toEqual(['ended', 1]);
  });

  it('takes nothing that follows while its end is closed', () => {
    const { mixer } = mixerWith([voiceOf(new ToneReader(0.5, 10, 'ended'), 2)]);
    mixer.replace(voiceOf(new ToneReader(1, 1, 'ended')));
    const out = new Float32Array(BLOCK_FRAMES * 2);
    const counts = Array.from({ length: 4 }, () => mixer.render(out, BLOCK_FRAMES, false));
    expect([counts, mixer.status]).toEqual([[960, 0, 0, 0], 'ended']);
    expect(mixer.render(out, BLOCK_FRAMES, true)).toBe(BLOCK_FRAMES);
  });

  it('lets no voice go unclosed, however fast one replaces the other', () => {
    const { mixer, run } = mixerWith();
    const readers = Array.from({ length: 20 }, () => new ToneReader(1, 100, 'ended'));
    for (const reader of readers) {
      mixer.replace(voiceOf(reader));
      run(1, 100);
    }
    mixer.replace(null);
    expect(run(3)).toBe(0);
    expect(readers.every((reader) => reader.closings === 1)).toBe(true);
  });
});

describe('a crossfade', () => {
  const LENGTH = 10 * PACKET;

  function crossed(crossfade = LENGTH, old = new ToneReader(1, 30, 'ended'), next = new ToneReader(1, 40, 'ended')) {
    const room = mixerWith([voiceOf(next, 2)], crossfade);
    room.mixer.replace(voiceOf(old));
    return { ...room, old, next };
  }

  it('keeps the power: the squares of both gains make one at every frame', () => {
    const gains = [new ToneReader(1, 30, 'ended'), new ToneReader(0, 30, 'ended')].map((old, index) => {
      const room = crossed(LENGTH, old, new ToneReader(index, 40, 'ended'));
      room.run(200);
      return room.heard;
    });
    const [going, coming] = [gains[0] ?? [], gains[1] ?? []];
    expect([going.length, coming.length]).toEqual([60 * PACKET, 60 * PACKET]);
    const powers = going.map((gain, frame) => gain ** 2 + (coming[frame] ?? 0) ** 2);
    expect([Math.min(...powers), Math.max(...powers)]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    const middle = 20 * PACKET + LENGTH / 2;
    expect(going[middle]).toBeCloseTo(Math.SQRT1_2, 3);
    expect([going[20 * PACKET - 1], going[30 * PACKET]]).toEqual([1, 0]);
  });

  it('is exact to the frame whatever the blocks, and the new track is the one that plays from its middle on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: BLOCK_FRAMES }),
        fc.integer({ min: 960, max: 20 * PACKET }),
        (size, crossfade) => {
          const { run, told, heard, old, mixer, steepest } = crossed(crossfade);
          run(Math.ceil((70 * PACKET) / size), size);
          const turn = Math.floor(crossfade / 2);
          expect(told()).toEqual([
            [1, 0, 30 * PACKET - crossfade + turn],
            [2, turn, 40 * PACKET - turn],
          ]);
          expect(heard).toHaveLength(70 * PACKET - crossfade);
          expect([old.closings, mixer.status]).toEqual([1, 'ended']);
          expect(steepest()).toBeLessThan(0.01);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('goes on with the old track alone while the new one has run dry, and then comes back', () => {
    const { run, told, steepest, mixer, next } = crossed(LENGTH, undefined, new ToneReader(1, 3, 'missing'));
    run(60);
    expect(mixer.status).toBe('starved');
    expect(told().reduce((sum, [, , count]) => sum + count, 0)).toBe(30 * PACKET);
    next.arrive(5);
    mixer.release();
    expect(run(30)).toBe(5 * PACKET);
    expect(steepest()).toBeLessThan(0.01);
  });

  it('lets the old track fall when its data ends early', () => {
    const { run, steepest, old, heard } = crossed(LENGTH, new ToneReader(1, 25, 'missing', 30));
    run(200);
    expect(heard).toHaveLength(60 * PACKET);
    expect(steepest()).toBeLessThan(0.01);
    expect(old.closings).toBe(1);
  });

  it('closes both voices when something else takes their place', () => {
    const { run, mixer, old, next } = crossed();
    run(50);
    expect(mixer.main?.tag.generation).toBe(2);
    mixer.replace(null);
    expect([old.closings, next.closings, run(1)]).toEqual([1, 1, 0]);
  });
});
