/**
 * Which octave each tone of a chord goes to: the hand moves as little as it can from the chord before, which is what
 * makes a progression sound like one thing instead of many.
 */
import type { Chord } from './chord.ts';

/** Least distance of the two lowest voices: closer is mud. */
const LOWEST_GAP = 3;
const MUD_PENALTY = 8;
/** For two voices a semitone apart anywhere. */
const RUB_PENALTY = 9;
/** For a spread above an octave and a half: more than a hand. */
const SPREAD_MAX = 17;
const SPREAD_PENALTY = 4;
/** Pull towards the middle of the range, so that many small steps do not walk away. */
const DRIFT_WEIGHT = 0.35;

export interface VoicingRange {
  readonly low: number;
  readonly high: number;
}

/**
 * @param before the voicing to move from; null for the first
 * @param voices how many of the chord's tones, most important first
 * @returns pitches, ascending
 */
export function leadVoices(
  chord: Chord,
  before: readonly number[] | null,
  range: VoicingRange,
  voices = 4,
): readonly number[] {
  let best: readonly number[] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of placements([...new Set(chord.tones)].slice(0, voices), range)) {
    const cost = costOf(candidate, before, range);
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  if (best.length === 0) throw new RangeError(`no room for a chord between ${range.low} and ${range.high}`);
  return best;
}

/** All chords of a piece, each led from the one before. */
export function leadAll(chords: readonly Chord[], range: VoicingRange, voices = 4): readonly (readonly number[])[] {
  let before: readonly number[] | null = null;
  return chords.map((chord) => {
    before = leadVoices(chord, before, range, voices);
    return before;
  });
}

function placements(tones: readonly number[], range: VoicingRange): number[][] {
  const [first, ...rest] = tones;
  if (first === undefined) return [[]];
  const octaves: number[] = [];
  for (let pitch = first; pitch <= range.high; pitch += 12) if (pitch >= range.low) octaves.push(pitch);
  const others = placements(rest, range);
  return octaves.flatMap((pitch) => others.map((other) => [pitch, ...other].sort((a, b) => a - b)));
}

function costOf(voicing: readonly number[], before: readonly number[] | null, range: VoicingRange): number {
  const low = voicing[0] ?? 0;
  const high = voicing.at(-1) ?? 0;
  const middle = (range.low + range.high) / 2;
  let cost = Math.abs((low + high) / 2 - middle) * DRIFT_WEIGHT;
  if (high - low > SPREAD_MAX) cost += SPREAD_PENALTY * (high - low - SPREAD_MAX);
  voicing.forEach((pitch, index) => {
    const gap = (voicing[index + 1] ?? pitch + 12) - pitch;
    if (index === 0 && gap < LOWEST_GAP) cost += MUD_PENALTY;
    if (gap <= 1) cost += RUB_PENALTY;
    if (before !== null) cost += Math.abs(pitch - (before[Math.min(index, before.length - 1)] ?? pitch));
  });
  return cost;
}
