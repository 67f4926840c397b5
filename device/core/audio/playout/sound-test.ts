/**
 * Plays two soft notes on a sink and watches what it does with them: what it granted, whether sound really moves through
 * it, and at its right speed. So that "no sound" can be told apart from the outside: a device that does not open, one that
 * opens and stands still, one that swallows everything at once, and a stand-in that nobody hears.
 */
import type { AudioSink, AudioSinkGrant, AudioSinkRequest, SinkSamples } from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { FRAMES_PER_SECOND, frames, type Ms, ms } from '#protocol/vocabulary/units';

/** A4, then E5: a fifth is nothing to be startled by. */
const NOTES_HZ = [440, 659.26] as const;
const NOTE_FRAMES = (FRAMES_PER_SECOND * 2) / 5;
const TONE_FRAMES = NOTE_FRAMES * NOTES_HZ.length;
/** No click at either end of a note. */
const FADE_FRAMES = FRAMES_PER_SECOND / 50;
/** −20 dB of full scale: heard across a room at a usual volume, and no fright at full. */
const AMPLITUDE = 0.1;
const CHANNELS = 2;
const LOOK_EVERY_MS = ms(10);
/** Servers answer for their position a moment after they begin. */
const SETTLED_AFTER_MS = 250;
/** The notes, a long buffer, and a machine that is busy. */
const TEST_WITHIN_MS = 6_000;
/** Of real time; no oscillator is off by more than a thousandth, but a short test cannot tell so finely. */
const SPEED_MIN = 0.9;
const SPEED_MAX = 1.1;
const FULL_SCALE = { 16: 2 ** 15 - 1, 24: 2 ** 31 - 1, 32: 2 ** 31 - 1 } as const;

export type SoundVerdict =
  /** Sound moved through a device in real time. */
  | 'plays'
  /** It opened, and nobody hears it; `problem` says why. */
  | 'silent'
  /** It opened and takes sound, but not in real time: stands still, or swallows it. */
  | 'does-not-move'
  | 'does-not-open'
  | 'lost';

export interface SoundReport {
  readonly verdict: SoundVerdict;
  /** Of the sink that was opened, which `auto` chooses. */
  readonly sink: string;
  readonly problem: TonearmError | null;
  readonly grant: AudioSinkGrant | null;
  readonly openMs: number;
  /** Frames heard per frame of real time; null when it was too short to tell. */
  readonly speed: number | null;
  readonly underruns: number;
}

/** Never rejects: what goes wrong is the finding. The sink is closed afterwards. */
export async function testSound(clock: Clock, sink: AudioSink, request: AudioSinkRequest): Promise<SoundReport> {
  let lost: TonearmError | null = null;
  const openedFromUs = clock.nowUs();
  const outcome = await sink.open(request, {
    lost: (error) => {
      lost = error;
    },
  });
  const openMs = (clock.nowUs() - openedFromUs) / 1_000;
  const nothing = { sink: sink.name, openMs, speed: null, underruns: 0 };
  if (!outcome.ok) return { ...nothing, verdict: 'does-not-open', problem: outcome.error, grant: null };
  const grant = outcome.value;
  const speed = await playNotes(clock, sink, grant);
  const report = { ...nothing, speed, underruns: sink.underruns(), grant };
  await sink.close();
  if (lost !== null) return { ...report, verdict: 'lost', problem: lost };
  const problem = grant.problem ?? null;
  if (problem !== null) return { ...report, verdict: 'silent', problem };
  const isMoving = speed !== null && speed >= SPEED_MIN && speed <= SPEED_MAX;
  return { ...report, verdict: isMoving ? 'plays' : 'does-not-move', problem };
}

interface Moment {
  readonly atUs: number;
  /** Frames by then. */
  readonly heard: number;
}

/** @returns the speed at which they were heard */
async function playNotes(clock: Clock, sink: AudioSink, grant: AudioSinkGrant): Promise<number | null> {
  const tone = notes(grant);
  let written = 0;
  let first: Moment | null = null;
  let last: Moment | null = null;
  const fromUs = clock.nowUs();
  for (let nowUs = fromUs; nowUs - fromUs < TEST_WITHIN_MS * 1_000; nowUs = clock.nowUs()) {
    const count = Math.min(sink.writableFrames(), TONE_FRAMES - written);
    if (count > 0) written += sink.write(tone.subarray(written * CHANNELS), frames(count));
    // That no more comes is no underrun.
    if (count > 0 && written === TONE_FRAMES) void sink.drain();
    const { delayFrames, atUs } = sink.delay();
    if (written === TONE_FRAMES && delayFrames < grant.periodFrames) break;
    if (nowUs - fromUs >= SETTLED_AFTER_MS * 1_000) {
      last = { atUs, heard: written - delayFrames };
      first ??= last;
    }
    await wait(clock, LOOK_EVERY_MS);
  }
  if (first === null || last === null || last.atUs <= first.atUs) return null;
  return ((last.heard - first.heard) / (last.atUs - first.atUs)) * (1_000_000 / FRAMES_PER_SECOND);
}

function notes({ sampleBits }: AudioSinkGrant): SinkSamples {
  const samples = sampleBits === 16 ? new Int16Array(TONE_FRAMES * CHANNELS) : new Int32Array(TONE_FRAMES * CHANNELS);
  NOTES_HZ.forEach((pitch, index) => {
    for (let frame = 0; frame < NOTE_FRAMES; frame += 1) {
      const edge = Math.min(frame, NOTE_FRAMES - frame) / FADE_FRAMES;
      const wave = Math.sin((2 * Math.PI * pitch * frame) / FRAMES_PER_SECOND);
      const value = Math.round(AMPLITUDE * Math.min(1, edge) * wave * FULL_SCALE[sampleBits]);
      samples.fill(value, (index * NOTE_FRAMES + frame) * CHANNELS, (index * NOTE_FRAMES + frame + 1) * CHANNELS);
    }
  });
  return samples;
}

function wait(clock: Clock, time: Ms): Promise<void> {
  return new Promise((resolve) => clock.setTimer('sound-test', time, resolve));
}
