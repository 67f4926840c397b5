/**
 * What speakers say of one edge, each opinion fading with time. One speaker's bad connection must not close an edge for
 * the others, so the household's view is the median of all.
 */
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';

/** What is said counts half after this: about the time in which somebody mends a connection. */
const HALF_LIFE_US = 60_000_000;
/** Speakers that are listened to for each edge; beyond it the one that was silent longest is forgotten. */
export const OPINIONS_MAX = 256;
/** Requests of one report that count: one busy speaker is not the household. */
const REQUESTS_COUNTED_MAX = 50;
/** Requests below which a share says nothing. */
const REQUESTS_TELLING = 3;

type Observation = EdgeReport['edges'][number];

interface Opinion {
  readonly requests: number;
  readonly failures: number;
  readonly firstByteMs: number | null;
  readonly atUs: Us;
}

export class EdgeOpinions {
  /** By speaker, the one silent longest first. */
  readonly #opinions = new Map<string, Opinion>();

  add(speakerId: string, said: Observation, nowUs: Us): void {
    const before = this.#opinions.get(speakerId);
    const weight = before === undefined ? 0 : weightOf(before, nowUs);
    const scale = Math.min(1, REQUESTS_COUNTED_MAX / Math.max(1, said.requests));
    const requests = said.requests * scale;
    const failures = Math.min(said.failures, said.requests) * scale;
    this.#opinions.delete(speakerId);
    this.#opinions.set(speakerId, {
      requests: (before?.requests ?? 0) * weight + requests,
      failures: (before?.failures ?? 0) * weight + failures,
      firstByteMs: said.firstByteMs ?? before?.firstByteMs ?? null,
      atUs: nowUs,
    });
    if (this.#opinions.size <= OPINIONS_MAX) return;
    for (const silent of this.#opinions.keys()) {
      this.#opinions.delete(silent);
      break;
    }
  }

  /** Of this speaker's own requests of late, 0 to 1; null when it has not said enough. */
  failureShareOf(speakerId: string, nowUs: Us): number | null {
    const opinion = this.#opinions.get(speakerId);
    return opinion === undefined ? null : shareOf(opinion, nowUs);
  }

  /** Median of the speakers that have said enough of late; null when none has. */
  failureShare(nowUs: Us): number | null {
    return medianOf([...this.#opinions.values()].flatMap((opinion) => shareOf(opinion, nowUs) ?? []));
  }

  firstByteOf(speakerId: string, nowUs: Us): Ms | null {
    const opinion = this.#opinions.get(speakerId);
    return opinion === undefined || opinion.firstByteMs === null || isStale(opinion, nowUs)
      ? null
      : ms(opinion.firstByteMs);
  }

  /** Median of what speakers have measured of late. */
  firstByte(nowUs: Us): Ms | null {
    const fresh = [...this.#opinions.values()].filter((opinion) => !isStale(opinion, nowUs));
    const median = medianOf(fresh.flatMap((opinion) => opinion.firstByteMs ?? []));
    return median === null ? null : ms(median);
  }

  /** Forgets failures: the edge has been away and is tried anew. */
  forgive(): void {
    this.#opinions.clear();
  }
}

function weightOf(opinion: Opinion, nowUs: Us): number {
  return 0.5 ** ((nowUs - opinion.atUs) / HALF_LIFE_US);
}

function shareOf(opinion: Opinion, nowUs: Us): number | null {
  const requests = opinion.requests * weightOf(opinion, nowUs);
  return requests < REQUESTS_TELLING ? null : opinion.failures / opinion.requests;
}

/** After five half-lives it says nothing any more. */
function isStale(opinion: Opinion, nowUs: Us): boolean {
  return nowUs - opinion.atUs > 5 * HALF_LIFE_US;
}

/** The lower middle: an even split of opinions does not condemn. */
function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? null;
}
