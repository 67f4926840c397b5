/** What somebody with a phone in the hand may want, drawn from a seed: every kind of request that there is, often ones more often. */
import type { SeededRandom } from '#sim/world/seeded-random';
import type { PlannedHouse, Wish } from './house-plan.ts';

const SEEK_MS_MAX = 200_000;
const QUEUED_MAX = 5;
/** What is heard must be told from silence where every sample is computed. */
const AUDIBLE_PERCENT = 20;
/** Entries that a phone shows, to point at. */
const SHOWN_MAX = 20;
/** A context longer than this goes to the speaker as a list of its own. */
const LONG_CONTEXT = 30;

/** How often each is wanted, in parts of the sum. */
const LIKELY: readonly (readonly [weight: number, kind: Wish['kind']])[] = [
  [14, 'play'],
  [12, 'transfer'],
  [12, 'next'],
  [4, 'previous'],
  [8, 'pause'],
  [10, 'resume'],
  [9, 'seek'],
  [10, 'setVolume'],
  [3, 'setShuffle'],
  [3, 'setRepeat'],
  [4, 'enqueue'],
  [4, 'queueAdd'],
  [3, 'queueRemove'],
  [3, 'queueMove'],
  [1, 'queueClear'],
];
const LIKELY_SUM = LIKELY.reduce((sum, [weight]) => sum + weight, 0);

export function drawWish(random: SeededRandom, house: PlannedHouse): Wish {
  let left = random.fraction() * LIKELY_SUM;
  const kind = LIKELY.find(([weight]) => {
    left -= weight;
    return left < 0;
  })?.[1];
  const speaker = random.pick(house.speakers).name;
  const quietest = house.sound === 'real' ? AUDIBLE_PERCENT : 0;
  const whom = random.chance(0.75) ? null : speaker;
  const track = () => random.between(0, house.trackSeconds.length - 1);
  switch (kind) {
    case 'play':
      return drawPlay(random, house, random.chance(0.8) ? speaker : null);
    case 'transfer':
      return random.chance(0.6) ? { kind, to: speaker } : { kind, to: speaker, isPlaying: random.chance(0.7) };
    case 'seek':
      return { kind, whom, positionMs: random.between(0, SEEK_MS_MAX) };
    case 'setVolume':
      return { kind, whom: random.chance(0.5) ? null : speaker, volume: random.between(quietest, 100) };
    case 'setShuffle':
      return { kind, whom, isOn: random.chance(0.6) };
    case 'setRepeat':
      return { kind, whom, mode: random.pick(['off', 'context', 'track'] as const) };
    case 'enqueue':
      return { kind, whom, track: track() };
    case 'queueAdd':
      return { kind, whom, tracks: many(random, QUEUED_MAX, track), isNext: random.chance(0.5) };
    case 'queueRemove':
      return { kind, whom, nth: random.between(0, SHOWN_MAX) };
    case 'queueMove':
      return {
        kind,
        whom,
        nth: random.between(0, SHOWN_MAX),
        afterNth: random.chance(0.3) ? null : random.between(0, SHOWN_MAX),
      };
    default:
      return { kind: kind ?? 'pause', whom };
  }
}

/** Somebody puts music on: some of the library, or all of it, or a long list. */
export function drawPlay(random: SeededRandom, { trackSeconds }: PlannedHouse, whom: string | null): Wish {
  const all = trackSeconds.map((_, place) => place);
  const from = random.between(0, all.length - 1);
  const isLong = random.chance(0.1);
  const some = isLong ? Array.from({ length: LONG_CONTEXT }, (_, place) => place % all.length) : all.slice(from);
  const tracks = random.chance(0.5) && !isLong ? all : some;
  const index = random.chance(0.7) ? 0 : random.between(0, tracks.length - 1);
  return { kind: 'play', whom, tracks, index, positionMs: random.chance(0.85) ? 0 : random.between(0, SEEK_MS_MAX) };
}

function many(random: SeededRandom, most: number, draw: () => number): number[] {
  return Array.from({ length: random.between(1, most) }, draw);
}
