/**
 * Plays for a while from memory to nowhere, with nothing around it but what turns decoded blocks into a device's samples,
 * and says in JSON how much was allocated meanwhile. Run by itself, in a process whose young generation is so large that
 * nothing is collected in between; so what is used afterwards is what was allocated.
 *
 * Arguments: bits of a sample, then any of `over` (loud enough to be limited all the time), `crossing` (two tracks at once),
 * `turning` (the volume moves all the time and sound is taken back).
 */
import type { PcmBlock, ReadOutcome } from '#device/core/audio/decode/pcm-block';
import type { TrackReader } from '#device/core/audio/decode/track-reader';
import { Mixer } from '#device/core/audio/mix/mixer';
import { BLOCK_FRAMES, type TaggedVoice, Voice } from '#device/core/audio/mix/voice';
import { OutputStage } from '#device/core/audio/playout/output-stage';
import type { PlayTag } from '#device/core/audio/playout/play-tag';
import { Programme } from '#device/core/audio/playout/programme';
import { Timeline } from '#device/core/audio/playout/timeline';
import type { AudioSink, SampleBits } from '#device/core/ports/audio-sink';
import { FRAMES_PER_SECOND, type Frames, frames, hz, us } from '#protocol/vocabulary/units';
import { trackIdOf } from './ogg-segments.ts';

const PACKET_FRAMES = 960;
const BUFFER_FRAMES = frames(4_800);
/** Half a minute of music. */
const ROUND_BLOCKS = 3_000;
/** Code that is not compiled yet allocates numbers; how soon it is, is the machine's to say, so the best round counts. */
const ROUNDS = 12;
const COMPILING_MS = 50;
/** Nothing: what measuring itself leaves. */
const SETTLED_BYTES = 1;
const DURATION_FRAMES = frames(1_000 * FRAMES_PER_SECOND);

/** Reads the same packet for ever. */
function endlessReader(amplitude: number): TrackReader {
  const samples = Float32Array.from({ length: 2 * PACKET_FRAMES }, (_, index) => amplitude * Math.sin(index / 9));
  const block: PcmBlock = {
    samples,
    offsetFrames: 0,
    countFrames: PACKET_FRAMES,
    positionFrames: frames(0),
    isConcealed: false,
  };
  const outcome: ReadOutcome = { kind: 'block', block };
  return { read: () => outcome, segment: () => 0, close: () => {} };
}

/** Plays a block whenever it is told to; makes nothing itself. */
function heedlessSink() {
  const state = { waiting: 0 };
  const delay = { delayFrames: frames(0), atUs: us(0) };
  const drained = Promise.resolve();
  const opened = Promise.reject(new Error('opened by whoever uses it'));
  opened.catch(() => {});
  const sink: AudioSink = {
    name: 'heedless',
    open: () => opened,
    writableFrames: () => (BUFFER_FRAMES - state.waiting) as Frames,
    write: (_, count) => {
      state.waiting += count;
      return count;
    },
    delay: () => {
      delay.delayFrames = state.waiting as Frames;
      return delay;
    },
    rewind: (count) => {
      const taken = Math.max(0, Math.min(count, state.waiting - BLOCK_FRAMES));
      state.waiting -= taken;
      return taken as Frames;
    },
    drop: () => frames(0),
    underruns: () => 0,
    drain: () => drained,
    close: () => drained,
  };
  const play = (): void => {
    state.waiting -= BLOCK_FRAMES;
  };
  return { sink, play };
}

const [bits = '16', ...moods] = process.argv.slice(2);
const isOver = moods.includes('over');
const isCrossing = moods.includes('crossing');

function voice(generation: number): TaggedVoice {
  const tag: PlayTag = { generation, trackId: trackIdOf(generation), durationFrames: DURATION_FRAMES };
  return { voice: new Voice(endlessReader(isOver ? 1.4 : 0.5), frames(0), 1), tag };
}

const timeline = new Timeline();
const crossfadeFramesMax = isCrossing ? DURATION_FRAMES : 0;
const mixer = new Mixer(
  {
    following: () => voice(2),
    crossfadeFrames: () => crossfadeFramesMax,
    rendered: (tag, position, count) => timeline.append(tag, position, count),
  },
  { crossfadeFramesMax },
);
const { sink, play } = heedlessSink();
const stage = new OutputStage(
  { sink },
  { programme: new Programme(mixer), timeline },
  { latencyFrames: BUFFER_FRAMES, reserveFrames: BUFFER_FRAMES, ditherSeed: 7 },
);
stage.play();
stage.open({
  rate: hz(FRAMES_PER_SECOND),
  channels: 2,
  bufferFrames: BUFFER_FRAMES,
  periodFrames: frames(BLOCK_FRAMES),
  sampleBits: Number(bits) as SampleBits,
  canRewind: true,
});
stage.replace(voice(1));

const heardOf = (): void => {};
function run(blocks: number): void {
  for (let block = 0; block < blocks; block += 1) {
    stage.feed();
    timeline.advance(stage.sentFrames - BUFFER_FRAMES, heardOf);
    if (moods.includes('turning')) stage.setVolume(block % 2 === 0 ? 0.5 : 0.25);
    play();
  }
}

let bytesPerBlock = Number.POSITIVE_INFINITY;
let arrayBufferBytes = 0;
for (let round = 0; round < ROUNDS && bytesPerBlock > SETTLED_BYTES; round += 1) {
  const before = process.memoryUsage();
  run(ROUND_BLOCKS);
  const after = process.memoryUsage();
  const used = (after.heapUsed - before.heapUsed) / ROUND_BLOCKS;
  // Less than before means that it was collected after all.
  if (used >= 0) bytesPerBlock = Math.min(bytesPerBlock, used);
  arrayBufferBytes = Math.max(arrayBufferBytes, after.arrayBuffers - before.arrayBuffers);
  await new Promise((resolve) => setTimeout(resolve, COMPILING_MS));
}
process.stdout.write(`${JSON.stringify({ bytesPerBlock, arrayBufferBytes, sentFrames: stage.sentFrames })}\n`);
