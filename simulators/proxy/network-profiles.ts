/**
 * Networks that a household meets, as models with stated parameters: where each number is from stands beside it. They are
 * generated, seeded, and no recording of any place; who wants one gives a trace file.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { createCommuteTrace } from '#sim/network/commute-trace';
import { createTrace, type TraceStretch } from '#sim/network/trace';
import type { SeededRandom } from '#sim/world/seeded-random';
import { applyConditions, CLEAR, type ConditionsChange } from './conditions.ts';
import type { NetworkPlan } from './simulated-network.ts';

/** Of a profile that changes over time; it begins again at its end. */
const LENGTH_MS = 30 * 60_000;

interface Profile {
  readonly about: string;
  readonly steady: ConditionsChange;
  readonly changing: ((random: SeededRandom) => readonly TraceStretch[]) | null;
}

/** Delays are one way: half of the round trip that the source has. */
export const PROFILES = {
  /** Wired speakers or good 5 GHz Wi-Fi behind one home router, bridge in the same house. */
  home: {
    about: 'one house: 3 ms there and back, 200 Mbit/s, a stall of a tenth of a second now and then',
    steady: {
      // Wi-Fi at close range answers in 2 to 5 ms; its spread is that of waiting for the air.
      // What one stream of 802.11ac carries through a wall; a wire carries more, and nothing here needs it.
      up: { delayMs: 1.5, jitterMs: 1, kbps: 200_000 },
      down: { delayMs: 1.5, jitterMs: 1, kbps: 200_000 },
      // Scans for other access points and microwave ovens: tenths of a second, some times an hour.
      stallsPerMinute: 0.2,
      stallMs: 120,
    },
    changing: null,
  },
  /** Many guests behind one link, far from the access point. */
  'hotel-wifi': {
    about:
      'shared Wi-Fi: 0.4 to 6 Mbit/s, 40 to 240 ms there and back, 1 % loss, stalls of two seconds, a reset now and then',
    steady: {
      // Loss that is left after the radio's own repeats, at the edge of coverage: about one in a hundred.
      ...bothWays({ delayMs: 30, jitterMs: 15, lossShare: 0.01 }),
      // Roaming between access points without fast transition: one to three seconds.
      stallsPerMinute: 0.5,
      stallMs: 2_000,
      // A gateway that forgets sessions; in long-lived sockets seen every few minutes.
      resetsPerMinute: 0.2,
    },
    // Queues before a full link grow to tenths of a second (bufferbloat), so that delay is high where rate is low.
    changing: (random) =>
      stretches(random, { leastMs: 4_000, mostMs: 15_000 }, () => {
        const fullness = random.fraction();
        const kbps = Math.exp(Math.log(6_000) - fullness * Math.log(6_000 / 400));
        return { bandwidth_kbps: Math.round(kbps), latency_ms: Math.round(20 + 100 * fullness * fullness) };
      }),
  },
  /** Another continent, over good cables. */
  'bridge-far-away': {
    about: 'another continent: 220 ms there and back, 20 Mbit/s, a loss in two thousand',
    steady: {
      // Europe to Australia or South America: 18,000 km of fibre at 200,000 km/s and its detours.
      up: { delayMs: 110, jitterMs: 2, lossShare: 0.0005, kbps: 10_000 },
      down: { delayMs: 110, jitterMs: 2, lossShare: 0.0005, kbps: 20_000 },
    },
    changing: null,
  },
  /** As `commute-trace.ts` says, which names its source. */
  '3g-commute': {
    about: 'a ride through the city: 50 kbit/s to 4 Mbit/s, outages of seconds, 90 to 300 ms there and back',
    steady: bothWays({ delayMs: 45, jitterMs: 20 }),
    changing: (random) => {
      let fromMs = 0;
      return createCommuteTrace(random, LENGTH_MS).steps.map(({ untilMs, kbps }) => {
        const duration = untilMs - fromMs;
        fromMs = untilMs;
        // Where a cell is faint it repeats more: from HSPA's 45 ms one way to 150.
        const latency = 45 + 105 * (1 - Math.min(1, kbps / 1_000));
        return { duration_ms: duration, bandwidth_kbps: Math.round(kbps), latency_ms: Math.round(latency) };
      });
    },
  },
  /** As if there were no network in between. */
  clear: { about: 'nothing in between; for what is changed while it runs', steady: {}, changing: null },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

export function isProfileName(text: string): text is ProfileName {
  return Object.hasOwn(PROFILES, text);
}

/** The same seed gives the same network. */
export function planOf(name: ProfileName, random: SeededRandom): NetworkPlan {
  const { steady, changing }: Profile = PROFILES[name];
  return {
    base: applyConditions(CLEAR, steady),
    trace: changing === null ? null : createTrace(changing(random)),
  };
}

/** @throws TonearmError input.invalid that lists the profiles; for a name that is no file either */
export function refuseProfile(text: string): never {
  const known = PROFILE_NAMES.join(', ');
  throw new TonearmError(
    'input.invalid',
    `--profile: ${JSON.stringify(text.slice(0, 80))} is neither a file nor one of ${known}`,
    {
      field: '--profile',
    },
  );
}

function bothWays(way: NonNullable<ConditionsChange['up']>): ConditionsChange {
  return { up: way, down: way };
}

function stretches(
  random: SeededRandom,
  { leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
  next: () => Omit<TraceStretch, 'duration_ms'>,
): readonly TraceStretch[] {
  const made: TraceStretch[] = [];
  for (let atMs = 0; atMs < LENGTH_MS; ) {
    const duration_ms = random.between(leastMs, mostMs);
    made.push({ duration_ms, ...next() });
    atMs += duration_ms;
  }
  return made;
}
