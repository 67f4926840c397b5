/**
 * The order in which a context is played, from its length and the session's shuffle seed alone.
 *
 * Speaker, bridge and phone must agree on what comes next without sending a thousand indices: each computes the same
 * permutation. Spec section 6.
 */

import type { TrackId } from '#protocol/vocabulary/ids';
import type { QueueEdit } from '#protocol/wire/playback-state';

/** Seeds are unsigned 32-bit numbers, as in `SessionState.shuffleSeed`. */
const SEEDS = 0x1_0000_0000;

/**
 * Places of `trackIds` in playing order.
 * @param seed null: not shuffled, the order is 0, 1, 2, …; else the permutation begins with place `seed mod count`, so that
 *   whoever turns shuffle on can let the current track be first by choosing the seed (`seedBeginningAt`)
 */
export function playOrder(count: number, seed: number | null): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  if (seed === null || count < 2) return places;
  const first = seed % count;
  swap(places, 0, first);
  const fraction = fractionsFrom(seed);
  // Fisher–Yates over all but the first.
  for (let last = count - 1; last > 1; last -= 1) swap(places, last, 1 + Math.floor(fraction() * last));
  return places;
}

/** The part of a session that says in which order its context is played. */
export interface OrderedContext {
  readonly trackIds: readonly TrackId[];
  readonly edits?: readonly QueueEdit[] | undefined;
}

interface Remembered {
  readonly seed: number | null;
  readonly edits: readonly QueueEdit[] | undefined;
  readonly order: readonly number[];
}

/** The last order of each context: what comes next is asked far more often than it changes, and ten thousand take a while. */
const remembered = new WeakMap<readonly TrackId[], Remembered>();

/** Places of the context's tracks in the order in which they are played: `playOrder`, and what people have changed of it. */
export function contextOrder({ trackIds, edits }: OrderedContext, seed: number | null): readonly number[] {
  const last = remembered.get(trackIds);
  if (last !== undefined && last.seed === seed && last.edits === edits) return last.order;
  const plain = playOrder(trackIds.length, seed);
  const order = edits === undefined || edits.length === 0 ? plain : editOrder(plain, edits);
  remembered.set(trackIds, { seed, edits, order });
  return order;
}

/** An edit whose place or whose anchor is not there any more does nothing. */
function editOrder(plain: readonly number[], edits: readonly QueueEdit[]): readonly number[] {
  const order = [...plain];
  for (const { place, after } of edits) {
    const from = order.indexOf(place);
    if (from < 0 || (after !== null && (after === place || !order.includes(after)))) continue;
    order.splice(from, 1);
    if (after !== null) order.splice(order.indexOf(after) + 1, 0, place);
  }
  return order;
}

/**
 * A seed whose order begins at `index`.
 * @param fraction uniform in [0, 1), from a Random
 */
export function seedBeginningAt(index: number, count: number, fraction: number): number {
  if (count < 1) return 0;
  const rounds = Math.floor((SEEDS - 1 - index) / count);
  return index + Math.floor(fraction * rounds) * count;
}

function swap(places: number[], left: number, right: number): void {
  const held = places[left];
  const other = places[right];
  if (held === undefined || other === undefined) throw new RangeError(`no places ${left} and ${right}`);
  places[left] = other;
  places[right] = held;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough to shuffle for people, and every port of it agrees. */
function fractionsFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / SEEDS;
  };
}
