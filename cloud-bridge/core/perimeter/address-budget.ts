/**
 * How many requests one address may make: a token bucket each, in a bounded map, so that one careless or hostile client
 * leaves the bridge to the others.
 */
import type { Clock } from '#protocol/ports/clock';

/** A speaker that fills its buffer asks for some tens of ranges a second; a page loads a hundred pictures at once. */
export const REQUESTS_PER_SECOND_MAX = 100;
export const REQUESTS_BURST_MAX = 1_000;
/** Speakers that dial, of one address: a site behind one router, whose speakers lose the bridge in the same instant. */
export const SPEAKERS_PER_SECOND_MAX = 1_000;
export const SPEAKERS_BURST_MAX = 5_000;
/** Addresses counted; beyond it the one that was quiet longest is forgotten, which only ever favours it. */
export const ADDRESSES_COUNTED_MAX = 4_096;

const US_PER_SECOND = 1_000_000;

export interface AddressBudget {
  /** False when the address has made too many requests of late. */
  spend(address: string): boolean;
}

interface Bucket {
  readonly left: number;
  readonly countedAtUs: number;
}

/** @param rate of each address: how fast it may go on, and how much it may do at once */
export function createAddressBudget(
  clock: Pick<Clock, 'nowUs'>,
  rate: { readonly perSecond: number; readonly burst: number },
): AddressBudget {
  /** In order of last use. */
  const buckets = new Map<string, Bucket>();
  return {
    spend: (address) => {
      const nowUs = clock.nowUs();
      const bucket = buckets.get(address) ?? { left: rate.burst, countedAtUs: nowUs };
      const gained = ((nowUs - bucket.countedAtUs) * rate.perSecond) / US_PER_SECOND;
      const left = Math.min(rate.burst, bucket.left + gained);
      const isAllowed = left >= 1;
      buckets.delete(address);
      buckets.set(address, { left: isAllowed ? left - 1 : left, countedAtUs: nowUs });
      const quietest = buckets.keys().next();
      if (buckets.size > ADDRESSES_COUNTED_MAX && !quietest.done) buckets.delete(quietest.value);
      return isAllowed;
    },
  };
}
