/**
 * In which quality each segment is read, given what is held: a pure walk along a track. The reader takes its steps by it,
 * and whoever asks how much can be heard, or what is missing, walks the same way ahead of it.
 *
 * To enter another quality at a boundary its segment before the boundary is needed too, since a decoder that begins there
 * must settle (spec section 8.5). A better quality is entered only where it lasts: what is held in patches is not worth
 * a change back and forth.
 */

/** A better quality is entered in mid-track when this many segments of it are held from there on. */
export const UP_RUN_SEGMENTS = 4;

export interface HeldRungs {
  readonly rungCount: number;
  readonly segmentCount: number;
  isHeld(rung: number, segment: number): boolean;
}

/** Between two segments. */
export interface RoutePoint {
  /** The segment that comes next. */
  readonly segment: number;
  /** That of the segment before; null when nothing has been read yet, so that any may follow. */
  readonly rung: number | null;
}

/** @returns the quality in which the next segment is read; null when it is held in none that may follow */
export function nextRung(held: HeldRungs, { segment, rung }: RoutePoint): number | null {
  const isHere = rung !== null && held.isHeld(rung, segment);
  for (let better = held.rungCount - 1; better > (isHere ? rung : -1); better -= 1) {
    if (better === rung || !canEnter(held, { segment, rung }, better)) continue;
    if (!isHere || lasts(held, better, segment)) return better;
  }
  return isHere ? rung : null;
}

/** @returns where the walk ends for want of segments, at `to` at the latest */
export function walkRoute(held: HeldRungs, from: RoutePoint, to: number): RoutePoint {
  let { segment, rung } = from;
  while (segment < to) {
    const next = nextRung(held, { segment, rung });
    if (next === null) break;
    rung = next;
    segment += 1;
  }
  return { segment, rung };
}

function canEnter(held: HeldRungs, { segment, rung }: RoutePoint, other: number): boolean {
  if (!held.isHeld(other, segment)) return false;
  return rung === null || segment === 0 || held.isHeld(other, segment - 1);
}

function lasts(held: HeldRungs, rung: number, from: number): boolean {
  const to = Math.min(held.segmentCount, from + UP_RUN_SEGMENTS);
  for (let segment = from + 1; segment < to; segment += 1) if (!held.isHeld(rung, segment)) return false;
  return true;
}
