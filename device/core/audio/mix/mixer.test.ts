import { describe, expect, it } from 'vitest';
import { frames, percent } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import type { PcmBlock, ReadOutcome } from '../decode/pcm-block.ts';
import type { TrackReader } from '../decode/track-reader.ts';
import type { PlayTag } from '../playout/play-tag.ts';
import { Mixer, type TaggedVoice } from './mixer.ts';
import { FADE_FRAMES } from './ramp.ts';
import { BLOCK_FRAMES, Voice } from './voice.ts';

const PACKET = 960;

/** A constant tone, a packet at a time, as far as it is told to go. */
class ToneReader implements TrackReader {
  closings = 0;
  readonly #level: number;
  readonly #after: 'missing' | 'ended';
  #left: number;
  #at = 0;

  constructor(level: number, packets: number, after: 'missing' | 'ended') {
    this.#level = level;
    this.#left = packets;
    this.#after = after;
  }

  arrive(packets: number): void {
    this.#left += packets;
  }

  read(): ReadOutcome {
    if (this.#left === 0) return { kind: this.#after };
    this.#left -= 1;
    this.#at += PACKET;
    const block: PcmBlock = {
      samples: new Float32Array(PACKET * 2).fill(this.#level),
      offsetFrames: 0,
      countFrames: PACKET,
      positionFrames: frames(this.#at - PACKET),
      isConcealed: false,
    };
    return { kind: 'block', block };
  }

  segment(): number {
    return 0;
  }

  close(): void {
    this.closings += 1;
  }
}

function voiceOf(reader: ToneReader, generation = 1): TaggedVoice {
  const tag: PlayTag = { generation, trackId: trackIdOf(generation), durationFrames: frames(1_000_000) };
  return { voice: new Voice(reader, frames(0), 1), tag };
}

function mixerWith(following: TaggedVoice[] = []) {
  const rendered: [number | null, number][] = [];
  const mixer = new Mixer({
    following: () => following.shift() ?? null,
    rendered: (tag, _position, count) => rendered.push([tag?.generation ?? null, count]),
  });
  const out = new Float32Array(BLOCK_FRAMES * 2);
  const heard: number[] = [];
  const run = (blocks: number): number => {
    let total = 0;
    for (let block = 0; block < blocks; block += 1) {
      const count = mixer.render(out, BLOCK_FRAMES);
      for (let frame = 0; frame < count; frame += 1) heard.push(out[frame * 2] ?? 0);
      total += count;
    }
    return total;
  };
  const steepest = (): number => Math.max(0, ...heard.slice(1).map((value, at) => Math.abs(value - (heard[at] ?? 0))));
  return { mixer, rendered, heard, run, steepest };
}

/** A step that a fade of this length makes with full-scale sound. */
const STEP_MAX = 1.01 / FADE_FRAMES;

describe('the mixer', () => {
  it('never makes a step: in, pause, resume, cross-fade, silence', () => {
    const { mixer, heard, run, steepest } = mixerWith();
    const readers = [new ToneReader(1, 1_000, 'ended'), new ToneReader(-1, 1_000, 'ended')];
    const [first, second] = readers.map((reader, index) => voiceOf(reader, index + 1));
    mixer.play();
    mixer.replace(first ?? null);
    run(5);
    mixer.pause();
    run(5);
    mixer.play();
    run(5);
    mixer.replace(second ?? null);
    run(5);
    mixer.replace(null);
    run(5);
    expect(heard.at(-1)).toBe(0);
    expect(Math.max(...heard)).toBe(1);
    expect(Math.min(...heard)).toBe(-1);
    // The cross-fade from +1 to −1 is two fades at once.
    expect(steepest()).toBeLessThanOrEqual(2 * STEP_MAX);
    expect(readers.map((reader) => reader.closings > 0)).toEqual([true, true]);
  });

  it('fades out before the data ends, and stays silent until it is released', () => {
    const { mixer, heard, run, steepest } = mixerWith();
    const reader = new ToneReader(1, 5, 'missing');
    mixer.play();
    mixer.replace(voiceOf(reader));
    expect(run(20)).toBe(5 * PACKET);
    expect(mixer.status).toBe('starved');
    expect(heard.at(-1)).toBe(0);
    reader.arrive(5);
    expect(run(3)).toBe(0);
    mixer.release();
    expect(run(20)).toBe(5 * PACKET);
    expect(steepest()).toBeLessThanOrEqual(STEP_MAX);
  });

  it('joins what follows at full level, in the middle of a block', () => {
    const next = voiceOf(new ToneReader(0.5, 10, 'ended'), 2);
    const { mixer, heard, rendered, run } = mixerWith([next]);
    const reader = new ToneReader(1, 3, 'ended');
    mixer.play();
    mixer.replace(voiceOf(reader));
    run(40);
    expect(heard).toHaveLength(13 * PACKET);
    expect([heard[3 * PACKET - 1], heard[3 * PACKET]]).toEqual([1, 0.5]);
    const framesOf = (generation: number) =>
      rendered.filter(([it]) => it === generation).reduce((sum, [, count]) => sum + count, 0);
    expect([framesOf(1), framesOf(2), mixer.status, reader.closings]).toEqual([3 * PACKET, 10 * PACKET, 'ended', 1]);
  });

  it('lets no voice go unclosed, however fast one replaces the other', () => {
    const { mixer, run } = mixerWith();
    const readers = Array.from({ length: 20 }, () => new ToneReader(1, 100, 'ended'));
    mixer.play();
    for (const reader of readers) {
      mixer.replace(voiceOf(reader));
      mixer.render(new Float32Array(BLOCK_FRAMES * 2), 100);
    }
    mixer.replace(null);
    run(3);
    expect(readers.every((reader) => reader.closings > 0)).toBe(true);
    expect(mixer.isSounding).toBe(false);
  });

  it('sets the volume at once while silent, and in a ramp while not', () => {
    const { mixer, heard, run, steepest } = mixerWith();
    mixer.setVolume(percent(0));
    mixer.play();
    mixer.replace(voiceOf(new ToneReader(1, 100, 'ended')));
    run(3);
    expect(Math.max(...heard)).toBe(0);
    mixer.setVolume(percent(100));
    run(3);
    expect(heard.at(-1)).toBe(1);
    expect(steepest()).toBeLessThanOrEqual(STEP_MAX);
  });
});
