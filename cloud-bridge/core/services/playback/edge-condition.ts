/**
 * Whether an edge is up, as a state machine: it goes down when probes fail in a row or most speakers complain, and comes
 * back half-open: the next good probe puts it on trial behind the others, and only then is it up again.
 */

/** Probes that must fail in a row: one lost packet is not an edge lost. */
export const FAILED_PROBES_MAX = 2;
/** Good probes in a row, the first of which begins the trial, until it is up again. */
export const TRIAL_PROBES = 3;
/** Share of failed requests, by most speakers' account, at which it is down for all. */
export const COMPLAINTS_MAX = 0.5;

/** Each holds what counts then. */
export type EdgeState =
  | { readonly kind: 'up'; readonly failedProbes: number }
  | { readonly kind: 'trial'; readonly goodProbes: number }
  | { readonly kind: 'down' };

export type EdgeInput =
  | { readonly kind: 'probeSucceeded' }
  | { readonly kind: 'probeFailed' }
  /** Speakers have reported. */
  | { readonly kind: 'speakersReported'; readonly failureShare: number | null };

/** A configured edge is believed in until something speaks against it. */
export const EDGE_STATE_FIRST: EdgeState = { kind: 'up', failedProbes: 0 };

export function transitionEdge(state: EdgeState, input: EdgeInput): EdgeState {
  if (input.kind === 'speakersReported') {
    return input.failureShare !== null && input.failureShare > COMPLAINTS_MAX ? { kind: 'down' } : state;
  }
  if (input.kind === 'probeFailed') {
    const failedProbes = state.kind === 'up' ? state.failedProbes + 1 : FAILED_PROBES_MAX;
    return failedProbes >= FAILED_PROBES_MAX ? { kind: 'down' } : { kind: 'up', failedProbes };
  }
  if (state.kind === 'up') return EDGE_STATE_FIRST;
  const goodProbes = (state.kind === 'trial' ? state.goodProbes : 0) + 1;
  return goodProbes >= TRIAL_PROBES ? EDGE_STATE_FIRST : { kind: 'trial', goodProbes };
}
