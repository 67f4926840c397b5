/**
 * One measured change: when it was asked for, and when it was heard. A round during which the machine stalled (blocks of
 * the recording came more than a millisecond off) is thrown away and done again, which is counted and said.
 */
import { LOUD_ABOVE, onsetOn, peakBefore, type Side } from '#sim/listening/sides';
import { longestQuiet } from '#sim/listening/where-is';
import { RECORDING_RATE_HZ, type RecordedStretch, type Recorder } from '#sim/processes/recorder';

const RATE = RECORDING_RATE_HZ;
/** Recorded before a change, so that its time stands on enough blocks. */
const BEFORE_FRAMES = RATE / 2;
/** Recorded after what was waited for is heard. */
const AFTER_FRAMES = RATE / 2;
const LOOK_EVERY_FRAMES = RATE / 20;
const HEARD_WITHIN_MS = 30_000;
/** More than this between the halves of a round's recording, and the machine stalled. */
const JUMP_MAX_MS = 1;

/** The leak of an encoder into the other side is never louder by more than this than what it was before. */
const LEAK_MARGIN = 1.5;
/** The material itself is softer than the threshold for up to this long. */
const OWN_QUIET_FRAMES = RATE / 500;

/** Rounds of one figure that may be thrown away: material of which nothing is cached lasts for so many. */
export const SPARE_ROUNDS_MAX = 3;

export interface Heard {
  readonly stretch: RecordedStretch;
  /** Frame of the stretch at which it was asked for. */
  readonly askedFrame: number;
  readonly askedAtMs: number;
  /** Frame at which it was first heard. */
  readonly onset: number;
  /** From the asking to the first sample. */
  readonly tookMs: number;
}

export interface Change {
  /** Where the first sample of the new sound is; null: on whichever side. */
  readonly side: Side | null;
  act(): Promise<unknown>;
}

/** Does it and listens. @throws when nothing is heard of it in half a minute */
export async function hearChange(recorder: Recorder, change: Change): Promise<Heard> {
  await recorder.waitFrames(BEFORE_FRAMES);
  const from = recorder.mark() - BEFORE_FRAMES;
  const askedAtMs = performance.now();
  await change.act();
  for (;;) {
    await recorder.waitFrames(LOOK_EVERY_FRAMES);
    const stretch = recorder.stretch(from);
    if (onsetOfChange(stretch, change.side, frameAt(stretch, askedAtMs)) !== undefined) break;
    if (performance.now() - askedAtMs > HEARD_WITHIN_MS) throw new Error('nothing is heard of a change');
  }
  await recorder.waitFrames(AFTER_FRAMES);
  const stretch = recorder.stretch(from);
  const askedFrame = frameAt(stretch, askedAtMs);
  const onset = onsetOfChange(stretch, change.side, askedFrame) ?? stretch.frameCount;
  return { stretch, askedFrame, askedAtMs, onset, tookMs: timeOf(stretch, onset) - askedAtMs };
}

/** An encoder lets some of one side through to the other: the new sound is what is louder than that was. */
function onsetOfChange(stretch: RecordedStretch, side: Side | null, askedFrame: number): number | undefined {
  const leaked = side === null ? 0 : peakBefore(stretch, side, askedFrame);
  return onsetOn(stretch, side, askedFrame, Math.max(LOUD_ABOVE, LEAK_MARGIN * leaked));
}

/** The longest silence from the asking until a moment after the new sound began. */
export function quietMsAround({ stretch, askedFrame, onset }: Heard): number {
  const frames = longestQuiet(stretch, askedFrame, Math.min(stretch.frameCount, onset + AFTER_FRAMES / 2));
  return frames < OWN_QUIET_FRAMES ? 0 : (frames * 1000) / RATE;
}

/** ms on `performance.now()`. */
export function timeOf(stretch: RecordedStretch, frame: number): number {
  return stretch.startedAtMs + (frame * 1000) / RATE;
}

export function frameAt(stretch: RecordedStretch, atMs: number): number {
  return Math.max(0, Math.ceil(((atMs - stretch.startedAtMs) * RATE) / 1000));
}

export function isDisturbed(stretch: RecordedStretch): boolean {
  return stretch.jumpMs > JUMP_MAX_MS;
}

/** Rounds thrown away, over a whole run. */
export class VoidCount {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
  }
}

/** What a round that stands on this recording has found. */
export interface Round {
  readonly value: number;
  readonly stretch: RecordedStretch;
}

/**
 * Collects so many undisturbed rounds; `SPARE_ROUNDS_MAX` are thrown away, after that disturbed ones are taken.
 * @param measure given how many there were before
 */
export async function collectRounds<Kind extends Round>(
  rounds: number,
  voids: VoidCount,
  measure: (round: number) => Promise<Kind>,
): Promise<Kind[]> {
  const kept: Kind[] = [];
  let spare = SPARE_ROUNDS_MAX;
  for (let round = 0; kept.length < rounds; round += 1) {
    const found = await measure(round);
    if (isDisturbed(found.stretch) && spare > 0) {
      spare -= 1;
      voids.add();
      continue;
    }
    kept.push(found);
  }
  return kept;
}

/** As `collectRounds`, and only the values. */
export async function collect(
  rounds: number,
  voids: VoidCount,
  measure: (round: number) => Promise<Round>,
): Promise<number[]> {
  return (await collectRounds(rounds, voids, measure)).map(({ value }) => value);
}
