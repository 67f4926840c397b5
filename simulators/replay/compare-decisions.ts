/**
 * Where today's code decides otherwise than what was recorded. Within a lane decisions are compared one by one, in order:
 * the same words, about the same instant, about the same place in the track.
 */
import type { Decision } from './decisions.ts';

/** Two runs of real code are never nearer than their timers; people do not hear less either. */
export const TIME_TOLERANCE_US = 500_000;
/** Of a place in a track, seconds. */
export const PLACE_TOLERANCE = 0.5;
/** A recording that begins in the middle is met by a core that finds its way in first. */
export const FINDS_ITS_WAY_US = 1_000_000;

export interface Divergence {
  readonly t: number;
  /** In people's words. */
  readonly what: string;
}

export interface ComparedSpan {
  /** Decisions before are not looked at. */
  readonly fromUs: number;
  /** Nor those after: the recording knows nothing of them. */
  readonly toUs: number;
  /** Lanes that are not looked at. */
  readonly without?: readonly string[];
}

/** @returns the first of each lane, the earliest first; none where all is as it was */
export function compareDecisions(
  then: readonly Decision[],
  now: readonly Decision[],
  { fromUs, toUs, without = [] }: ComparedSpan,
): readonly Divergence[] {
  const isSeen = ({ t }: Decision) => t >= fromUs;
  const all = new Set([...then, ...now].map(({ lane }) => lane));
  const lanes = [...all].filter((lane) => !without.includes(lane));
  const found = lanes.flatMap((lane) => {
    const [before, today] = [then, now].map((decisions) => decisions.filter((it) => it.lane === lane && isSeen(it)));
    const divergence = firstOf(before ?? [], today ?? [], toUs);
    return divergence === null ? [] : [divergence];
  });
  return found.sort((left, right) => left.t - right.t);
}

function firstOf(then: readonly Decision[], now: readonly Decision[], toUs: number): Divergence | null {
  for (let place = 0; place < Math.max(then.length, now.length); place += 1) {
    const [before, today] = [then[place], now[place]];
    if (before === undefined) {
      // What came just before the recording's end may have led to it after.
      if (today === undefined || today.t > toUs - TIME_TOLERANCE_US) return null;
      return { t: today.t, what: `today it ${today.words}, which it did not then` };
    }
    if (today === undefined) {
      return before.t > toUs ? null : { t: before.t, what: `then it ${before.words}, today it does not` };
    }
    const difference = differenceOf(before, today);
    if (difference !== null) return { t: Math.min(before.t, today.t), what: difference };
  }
  return null;
}

function differenceOf(then: Decision, now: Decision): string | null {
  if (then.words !== now.words) return `then it ${then.words}, today it ${now.words}`;
  if (Math.abs(then.t - now.t) > TIME_TOLERANCE_US) {
    return `it ${then.words} ${inSeconds(Math.abs(now.t - then.t))} ${now.t > then.t ? 'later' : 'sooner'} than then`;
  }
  const isSamePlace = then.place === null || now.place === null || Math.abs(then.place - now.place) <= PLACE_TOLERANCE;
  if (isSamePlace) return null;
  return `it ${then.words} at ${now.place?.toFixed(1)} s of the track, then at ${then.place?.toFixed(1)} s`;
}

function inSeconds(durationUs: number): string {
  return `${(durationUs / 1_000_000).toFixed(1)} s`;
}
