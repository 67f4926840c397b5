/** The moods of a simulated edge, each as what a fault proxy before it does with a request. */

import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { ProxyFault } from '#sim/network/fault-proxy';
import { MUSIC_PATH } from '#sim/network/music-path';

const WELL: ProxyFault = { kind: 'none' };
/** Below what 160 kbit/s need: who stays with it runs dry. */
const SLOW_BYTES_PER_SECOND = 12_000;
/** Of requests that go wrong at a flaky edge. */
const FLAKY_SHARE = 0.3;
const FLAKY_RESET_BYTES = 9_000;
const FLAKY_DELAY_MS = 700;

interface Mood {
  readonly about: string;
  fault(path: string, random: Random): ProxyFault;
}

/** Of an edge that is slow or lies its health page knows nothing, as in life. */
const MOODS = {
  well: { about: 'as it should be', fault: () => WELL },
  slow: {
    about: 'music comes, slower than it plays',
    fault: (path) => (MUSIC_PATH.test(path) ? { kind: 'throttles', bytesPerSecond: SLOW_BYTES_PER_SECOND } : WELL),
  },
  lying: {
    about: 'the right headers, one bit wrong',
    fault: (path) => (MUSIC_PATH.test(path) ? { kind: 'flips' } : WELL),
  },
  '530': { about: 'says 530 to everything', fault: () => ({ kind: 'says', status: 530 }) },
  captive: { about: 'a page that asks to accept terms, for everything', fault: () => ({ kind: 'is a portal' }) },
  silent: { about: 'takes connections and never answers', fault: () => ({ kind: 'stalls', afterShare: 0 }) },
  flaky: { about: 'three in ten answers are reset, late or 503', fault: (_, random) => flaky(random) },
} as const satisfies Readonly<Record<string, Mood>>;

export type EdgeMood = keyof typeof MOODS;
export const EDGE_MOODS = Object.keys(MOODS) as readonly EdgeMood[];

/** @throws TonearmError input.invalid that lists the moods */
export function parseMood(text: string, field: string): EdgeMood {
  const found = EDGE_MOODS.find((mood) => mood === text);
  if (found !== undefined) return found;
  const message = `${field}: ${JSON.stringify(text.slice(0, 40))} is no mood; there are ${EDGE_MOODS.join(', ')}`;
  throw new TonearmError('input.invalid', message, { field });
}

/** For a help text. */
export function describeMoods(): string {
  return Object.entries(MOODS)
    .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
    .join('\n');
}

export function faultOf(mood: EdgeMood, path: string, random: Random): ProxyFault {
  const { fault }: Mood = MOODS[mood];
  return fault(path, random);
}

function flaky(random: Random): ProxyFault {
  if (random.fraction() >= FLAKY_SHARE) return WELL;
  const kinds: readonly ProxyFault[] = [
    { kind: 'resets', afterBytes: FLAKY_RESET_BYTES },
    { kind: 'delays', byMs: FLAKY_DELAY_MS },
    { kind: 'says', status: 503 },
  ];
  return kinds[Math.floor(random.fraction() * kinds.length)] ?? WELL;
}
