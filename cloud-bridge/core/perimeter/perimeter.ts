/**
 * The first thing that every request and every socket meets, whatever door it came to: is it for us, from whom, how
 * often. Doors give it the facts and obey.
 */
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import {
  createAddressBudget,
  REQUESTS_BURST_MAX,
  REQUESTS_PER_SECOND_MAX,
  SPEAKERS_BURST_MAX,
  SPEAKERS_PER_SECOND_MAX,
} from './address-budget.ts';
import { checkHost } from './host-rule.ts';
import { checkOrigin } from './origin-rule.ts';

export interface Knock {
  /** Of the other end, as the socket has it. */
  readonly address: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** May change something, or opens a socket over which it is told everything. */
  readonly isWrite: boolean;
  /**
   * For stored content: it has a token of its own and a bound on how much is answered at once, and one address may be
   * an edge that asks for a thousand houses.
   */
  readonly isContent?: boolean;
  /** Dials the Connect socket: all speakers of a site may come from one address, and come back at once. */
  readonly isSpeaker?: boolean;
}

export interface Perimeter {
  /** Refused with `access.rate-limited`, `access.host-refused` or `access.origin-refused`. */
  admit(knock: Knock): Result<void, TonearmError>;
}

/** @param options `hostNames`: what the bridge is called besides its addresses, localhost and .local names */
export function createPerimeter(
  clock: Pick<Clock, 'nowUs'>,
  options: { readonly hostNames: readonly string[] },
): Perimeter {
  const budget = createAddressBudget(clock, { perSecond: REQUESTS_PER_SECOND_MAX, burst: REQUESTS_BURST_MAX });
  const speakersBudget = createAddressBudget(clock, { perSecond: SPEAKERS_PER_SECOND_MAX, burst: SPEAKERS_BURST_MAX });
  return {
    admit: (knock) => {
      const counted = knock.isSpeaker === true ? speakersBudget : budget;
      if (knock.isContent !== true && !counted.spend(knock.address)) {
        return refused(new TonearmError('access.rate-limited', 'too many requests from this address; wait a second'));
      }
      const host = checkHost(knock.host, options.hostNames);
      if (!host.ok || knock.host === undefined) return host;
      return knock.isWrite ? checkOrigin(knock.origin, knock.host) : ok(undefined);
    },
  };
}
