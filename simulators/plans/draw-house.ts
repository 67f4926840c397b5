/** A household drawn from a seed: who lives there, with what, over what network. */
import type { SeededRandom } from '#sim/world/seeded-random';
import type { PlannedHouse } from './house-plan.ts';

/** Clocks of machines that were switched on at different times, and their crystals. */
const CLOCK_OFFSET_US_MAX = 3_600_000_000;
const CLOCK_PPM_MAX = 80;
/** Tracks of seconds, so that their ends meet everything else; and of minutes, as they are. */
const SHORT_TRACK = { low: 6, high: 50 } as const;
const USUAL_TRACK = { low: 90, high: 420 } as const;
/** Every sample is computed in one house of so many: it costs ten times as much. */
const REAL_CHANCE = 0.01;
const DISCOVERED_CHANCE = 0.3;

/** Farther than a television's processing, and than any oscillator that is sold. */
const LOUDSPEAKER = { latencyMsMax: 250, driftPpmMax: 300 } as const;
const EDGES = [
  { name: 'edge-near', region: 0 },
  { name: 'edge-next', region: 1 },
  { name: 'edge-far', region: 3 },
] as const;

/** What is fixed from outside; the rest is drawn. */
export interface HouseWishes {
  readonly speakers?: number;
  readonly phones?: number;
  readonly sound?: PlannedHouse['sound'];
}

export function drawHouse(random: SeededRandom, wishes: HouseWishes): PlannedHouse {
  const people = random.pick([1, 1, 2, 2, 3]);
  const speakers = wishes.speakers ?? random.pick([1, 2, 2, 3, 3, 4]);
  const phones = wishes.phones ?? Math.max(people, random.between(1, 4));
  const lengths = random.chance(0.3) ? SHORT_TRACK : USUAL_TRACK;
  const isSkewed = random.chance(0.6);
  const skew = (most: number): number => (isSkewed ? random.between(-most, most) : 0);
  const access = random.pick([null, null, null, 'required', 'open'] as const);
  const drawn: PlannedHouse['sound'] = random.chance(REAL_CHANCE) ? 'real' : 'modelled';
  const sound = wishes.sound ?? drawn;
  const isDiscovered = random.chance(DISCOVERED_CHANCE);
  return {
    ...drawNature(random.fork('nature'), { sound, speakers, isByAddress: !isDiscovered && access !== 'required' }),
    speakers: Array.from({ length: speakers }, (_, place) => ({
      name: `speaker-${place + 1}`,
      offsetUs: Math.abs(skew(CLOCK_OFFSET_US_MAX)),
      ppm: skew(CLOCK_PPM_MAX),
    })),
    phones: Array.from({ length: phones }, (_, place) => ({ name: `phone-${place + 1}`, account: place % people })),
    trackSeconds: Array.from(
      { length: random.between(4, 14) },
      () => random.between(lengths.low * 1_000, lengths.high * 1_000) / 1_000,
    ),
    sound,
    isDiscovered,
    access,
    latencyMs: random.pick([1, 3, 3, 10, 40]),
    jitterMs: random.pick([0, 4, 4, 20, 80]),
    trouble: random.chance(0.5)
      ? null
      : { delayMaxMs: random.pick([50, 400, 2_000]), repeatChance: 0.15, lossChance: 0.12, triesMax: 3 },
  };
}

/** What a house is made of beyond its people: names, edges, loudspeakers. */
function drawNature(
  random: SeededRandom,
  {
    sound,
    speakers,
    isByAddress,
  }: { readonly sound: PlannedHouse['sound']; readonly speakers: number; readonly isByAddress: boolean },
): Pick<PlannedHouse, 'isNamed' | 'edges' | 'loudspeakers'> {
  const isNamed = isByAddress && random.chance(0.4);
  if (sound === 'modelled') return { isNamed };
  const loudspeakers = Array.from({ length: speakers }, () => ({
    latencyMs: random.between(0, LOUDSPEAKER.latencyMsMax),
    driftPpm: random.between(-LOUDSPEAKER.driftPpmMax, LOUDSPEAKER.driftPpmMax),
  }));
  return { isNamed, edges: EDGES.slice(0, random.between(1, EDGES.length)), loudspeakers };
}
