/** Plays an arrangement: part by part into one bus, through its effects, into the mix, the echo and the room. */
import { addAir } from '../effects/filters.ts';
import { pingPongDelay } from '../effects/ping-pong-delay.ts';
import { reverb } from '../effects/reverb.ts';
import { createNoise, type Noise } from '../score/noise.ts';
import type { Note } from '../score/note.ts';
import { hzOf } from '../score/pitch.ts';
import { createTempo, swung } from '../score/tempo.ts';
import type { Arrangement, LevelCurve, MixContext, Part } from './arrangement.ts';
import { addInto, createStereoBuffer, gainOf, MUSIC_RATE_HZ, panGains, type StereoBuffer } from './stereo-buffer.ts';

/** Of the greatest unevenness; velocities vary by this part of themselves. */
const VELOCITY_LOOSENESS = 0.08;
const LOOSENESS_SECONDS_DEFAULT = 0.006;
/** The echo's own share of the room. */
const DELAY_TO_REVERB = 0.25;
/** Level curves are straight between points this far apart. */
const CONTROL_FRAMES = 64;

export interface RenderedPiece {
  readonly mix: StereoBuffer;
  /** Frames at which files begin after the first. */
  readonly cutFrames: readonly number[];
}

export function renderArrangement(arrangement: Arrangement): RenderedPiece {
  const tempo = createTempo(arrangement.tempo);
  const context: MixContext = {
    secondsAt: tempo.secondsAt,
    frameAt: (beat) => Math.round(tempo.secondsAt(beat) * MUSIC_RATE_HZ),
  };
  const frames = context.frameAt(arrangement.beats) + Math.round(arrangement.tailSeconds * MUSIC_RATE_HZ);
  const mix = createStereoBuffer(frames);
  const toReverb = createStereoBuffer(frames);
  const toDelay = createStereoBuffer(frames);
  const bus = createStereoBuffer(frames);
  arrangement.parts.forEach((part, index) => {
    bus.left.fill(0);
    bus.right.fill(0);
    playPart(bus, part, context, createNoise(arrangement.seed * 101 + index));
    for (const effect of part.effects ?? []) effect(bus, context);
    applyLevel(bus, part, context);
    addInto(mix, bus, 1);
    if (part.reverb !== undefined) addInto(toReverb, bus, part.reverb);
    if (part.delay !== undefined) addInto(toDelay, bus, part.delay);
  });
  const echoes = pingPongDelay(toDelay, arrangement.delay);
  addInto(mix, echoes, 1);
  addInto(toReverb, echoes, DELAY_TO_REVERB);
  addInto(mix, reverb(toReverb, arrangement.reverb), 1);
  addAir(mix, arrangement.airDecibels);
  return { mix, cutFrames: arrangement.cuts.map(context.frameAt) };
}

function playPart(bus: StereoBuffer, part: Part, context: MixContext, noise: Noise): void {
  for (const note of part.notes) playNote(bus, part, note, context, noise);
}

function playNote(bus: StereoBuffer, part: Part, note: Note, context: MixContext, noise: Noise): void {
  const place = (beat: number) =>
    part.swing === undefined ? beat : swung(beat, part.swing.stepBeats, part.swing.amount);
  const start = context.secondsAt(place(note.beat));
  const end = context.secondsAt(place(note.beat + note.beats));
  const looseness = part.looseness ?? LOOSENESS_SECONDS_DEFAULT;
  const first = Math.max(0, Math.round((start + noise() * looseness) * MUSIC_RATE_HZ));
  if (first >= bus.left.length) return;
  const velocity = note.velocity * (1 + (looseness === 0 ? 0 : noise() * VELOCITY_LOOSENESS));
  const heldFrames = Math.max(1, Math.round((end - start) * MUSIC_RATE_HZ));
  part.instrument.play(
    bus,
    first,
    { hz: hzOf(note.pitch), pitch: note.pitch, heldFrames, velocity: Math.max(0.02, Math.min(1, velocity)) },
    noise,
  );
}

function applyLevel(bus: StereoBuffer, part: Part, context: MixContext): void {
  const [left, right] = panGains(part.place ?? 0);
  const curve = (part.level ?? []).map(([beat, decibels]) => [context.frameAt(beat), decibels] as const);
  const fixed = gainOf(part.decibels);
  const frames = bus.left.length;
  for (let start = 0; start < frames; start += CONTROL_FRAMES) {
    const before = fixed * gainOf(levelAt(curve, start));
    const after = fixed * gainOf(levelAt(curve, start + CONTROL_FRAMES));
    const end = Math.min(frames, start + CONTROL_FRAMES);
    for (let frame = start; frame < end; frame += 1) {
      const gain = before + ((after - before) * (frame - start)) / CONTROL_FRAMES;
      bus.left[frame] = (bus.left[frame] ?? 0) * gain * left;
      bus.right[frame] = (bus.right[frame] ?? 0) * gain * right;
    }
  }
}

function levelAt(curve: LevelCurve, frame: number): number {
  let previous = curve[0];
  if (previous === undefined) return 0;
  for (const point of curve) {
    if (frame < point[0]) {
      const span = point[0] - previous[0];
      return span === 0 ? point[1] : previous[1] + ((point[1] - previous[1]) * (frame - previous[0])) / span;
    }
    previous = point;
  }
  return previous[1];
}
