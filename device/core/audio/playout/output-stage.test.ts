/** What goes out, at the level of the stage: widths, devices that promise more than they keep, replacing in the midst of mixing. */
import { describe, expect, it } from 'vitest';
import type { AudioSinkGrant, SampleBits, SinkSamples } from '#device/core/ports/audio-sink';
import { type Frames, frames, hz } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { ToneReader } from '#sim/speakers/tone-reader';
import { Mixer } from '../mix/mixer.ts';
import { FADE_FRAMES } from '../mix/ramp.ts';
import { type TaggedVoice, Voice } from '../mix/voice.ts';
import { OutputStage } from './output-stage.ts';
import { Programme } from './programme.ts';
import { Timeline } from './timeline.ts';

const BUFFER = 4_800;
const PACKET = 960;

function voiceOf(level: number, generation: number, packets = 1_000, onRead = (): void => {}): TaggedVoice {
  const reader = new ToneReader(level, packets, 'ended');
  const read = reader.read.bind(reader);
  reader.read = () => {
    onRead();
    return read();
  };
  const tag = { generation, trackId: trackIdOf(generation), durationFrames: frames(reader.durationFrames) };
  return { voice: new Voice(reader, frames(0), 1), tag };
}

function stageWith(facts: {
  readonly canRewind?: boolean;
  readonly keepsWord?: boolean;
  readonly sampleBits?: SampleBits;
  readonly bufferFrames?: number;
}) {
  const { canRewind = true, keepsWord = true, sampleBits = 16, bufferFrames = BUFFER } = facts;
  /** Left channel of what waits in the device, and of what was heard. */
  const [waiting, heard]: [number[], number[]] = [[], []];
  const calls: string[] = [];
  let written: SinkSamples | null = null;
  const sink = {
    name: 'list',
    open: () => Promise.reject(new Error('opened by the test')),
    writableFrames: () => frames(bufferFrames - waiting.length),
    write: (samples: SinkSamples, count: Frames) => {
      written = samples;
      calls.push('write');
      for (let frame = 0; frame < count; frame += 1) waiting.push(samples[frame * 2] ?? 0);
      return count;
    },
    delay: () => ({ delayFrames: frames(waiting.length), atUs: 0 as never }),
    rewind: (count: Frames) => {
      calls.push('rewind');
      return frames(keepsWord ? waiting.splice(Math.max(192, waiting.length - count)).length : 0);
    },
    drop: () => {
      calls.push('drop');
      return frames(waiting.splice(0).length);
    },
    underruns: () => 0,
    drain: async () => {
      calls.push('drain');
    },
    close: async () => {},
  };
  const timeline = new Timeline();
  const following = { next: (): TaggedVoice | null => null };
  const mixer = new Mixer(
    {
      following: () => following.next(),
      crossfadeFrames: () => 0,
      rendered: (tag, position, count) => timeline.append(tag, position, count),
    },
    { crossfadeFramesMax: 0 },
  );
  const stage = new OutputStage(
    { sink },
    { programme: new Programme(mixer), timeline },
    { latencyFrames: BUFFER, reserveFrames: BUFFER, ditherSeed: null },
  );
  const grant: AudioSinkGrant = {
    rate: hz(48_000),
    channels: 2,
    bufferFrames: frames(bufferFrames),
    periodFrames: frames(bufferFrames / 2),
    sampleBits,
    canRewind,
  };
  const play = (count: number): void => {
    heard.push(...waiting.splice(0, count));
    stage.feed();
  };
  return { stage, grant, play, heard, waiting, calls, timeline, following, written: () => written };
}

describe('the output stage', () => {
  it.each([
    [16, Int16Array, 0.25 * 2 ** 15],
    [24, Int32Array, 0.25 * 2 ** 31],
    [32, Int32Array, 0.25 * 2 ** 31],
  ] as const)('writes %i bits as the device granted them', (sampleBits, kind, level) => {
    const { stage, grant, waiting, written } = stageWith({ sampleBits });
    stage.play();
    stage.open(grant);
    stage.replace(voiceOf(0.25, 1));
    expect(written()).toBeInstanceOf(kind);
    expect([waiting.length, waiting[FADE_FRAMES]]).toEqual([BUFFER, level]);
  });

  it('fades out for what is missing only when little waits in the device, and goes on without a dip when it comes before', () => {
    for (const [playedFrames, isDipped] of [
      [0, false],
      [1_200, true],
    ] as const) {
      const { stage, grant, waiting, heard, play } = stageWith({});
      const reader = new ToneReader(0.25, 4, 'missing', 1_000);
      stage.play();
      stage.open(grant);
      stage.replace({ voice: new Voice(reader, frames(0), 1), tag: voiceOf(0.25, 1).tag });
      play(playedFrames);
      reader.arrive(100);
      stage.feed();
      const tone = [...heard, ...waiting].slice(FADE_FRAMES);
      expect(tone.length).toBeGreaterThan(BUFFER / 2);
      expect([playedFrames, tone.some((sample) => sample < 0.24 * 2 ** 15)]).toEqual([playedFrames, isDipped]);
    }
  });

  it('drops where a device gives nothing back though it said so, and fades in what follows', () => {
    const { stage, grant, calls, waiting, play } = stageWith({ keepsWord: false });
    stage.play();
    stage.open(grant);
    stage.replace(voiceOf(0.5, 1));
    play(2_000);
    stage.replace(voiceOf(-0.5, 2));
    expect(calls.filter((call) => call !== 'write')).toEqual(['rewind', 'drop']);
    expect(waiting[0]).toBeCloseTo(-16_384 / FADE_FRAMES, -1);
    expect(waiting[FADE_FRAMES]).toBe(-16_384);
  });

  it('leaves what is soon heard alone, and fades over with more of the old track', () => {
    const { stage, grant, calls, heard, play } = stageWith({ canRewind: false, bufferFrames: 600 });
    stage.play();
    stage.open(grant);
    stage.replace(voiceOf(0.5, 1));
    play(300);
    stage.replace(voiceOf(-0.5, 2));
    for (let block = 0; block < 10; block += 1) play(300);
    expect(new Set(calls)).toEqual(new Set(['write']));
    const steps = heard.slice(1).map((sample, at) => Math.abs(sample - (heard[at] ?? 0)));
    expect(Math.max(...steps)).toBeLessThanOrEqual((2 * 16_384) / FADE_FRAMES + 1);
    expect(heard.at(-1)).toBe(-16_384);
  });

  it('has decoded what replaces before it takes anything back: nothing keeps it from writing then', () => {
    const { stage, grant, calls, play } = stageWith({});
    stage.play();
    stage.open(grant);
    stage.replace(voiceOf(0.5, 1));
    play(2_000);
    calls.length = 0;
    stage.replace(voiceOf(-0.5, 2, 100, () => calls.push('read')));
    expect(calls.indexOf('read')).toBe(0);
    const since = calls.slice(calls.indexOf('rewind') + 1);
    expect(since.indexOf('read')).toBeGreaterThan(since.indexOf('write'));
    expect(calls).toContain('rewind');
  });

  it('replaces after mixing what it was told to replace in the midst of it', () => {
    const { stage, grant, following, play, heard, timeline } = stageWith({});
    stage.play();
    stage.open(grant);
    following.next = () => {
      stage.replace(voiceOf(0.125, 3));
      return null;
    };
    stage.replace(voiceOf(0.5, 1, 4));
    for (let block = 0; block < 30; block += 1) play(480);
    expect(heard.at(-1)).toBe(0.125 * 32_768);
    timeline.advance(stage.sentFrames - BUFFER, () => {});
    expect(timeline.place()?.tag.generation).toBe(3);
  });

  it('plays a track to its last frame through the limiter, and lets the device run empty once', () => {
    const { stage, grant, heard, waiting, calls, timeline, play } = stageWith({});
    stage.play();
    stage.open(grant);
    stage.replace(voiceOf(0.5, 1, 3));
    for (let block = 0; block < 20; block += 1) play(480);
    expect([heard.length, waiting.length, timeline.mixedFrames]).toEqual([3 * PACKET, 0, 3 * PACKET]);
    expect([stage.isAllSent, calls.filter((call) => call !== 'write')]).toEqual([true, ['drain']]);
  });

  it('begins a pause in silence at once when nothing is there to fade', () => {
    const { stage, grant, waiting } = stageWith({});
    stage.play();
    stage.open(grant);
    stage.pause();
    stage.replace(voiceOf(0.5, 1));
    expect([waiting.length, stage.isAllSent]).toEqual([0, true]);
    stage.play();
    expect([waiting.length, waiting[0], waiting[FADE_FRAMES]]).toEqual([
      BUFFER,
      Math.round(16_384 / FADE_FRAMES),
      16_384,
    ]);
  });
});
