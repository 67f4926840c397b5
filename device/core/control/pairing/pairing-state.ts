/**
 * Whether a speaker can be paired, as a value and pure steps: a window with one code, one attempt at a time, a count of
 * attempts that only success or a person at the speaker sets back.
 *
 * An attempt is spent before it is answered, since the answer lets the other side check one code, whether or not it ever
 * comes back. Spec section 15.
 */
import type { Verifying } from '#protocol/ports/pairing-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { PAIRING_ATTEMPT_MS } from '#protocol/wire/pairing';

/** Long enough to find a phone and read nine digits, short enough that a guest cannot wait for it; 3 to 15 minutes were asked for. */
export const WINDOW_MS = 10 * 60_000;
/** One in fifty million with nine digits. */
export const FAILURES_MAX = 20;
/** Attempts from one address in a window, ended or given up: as often as a person mistypes, and too few to use up everybody's. */
export const ADDRESS_ATTEMPTS_MAX = 6;
/** Addresses that are remembered; whoever has so many needs no more of them. */
const ADDRESSES_MAX = 64;
const US_PER_MS = 1_000;

export interface PairingWindow {
  /** Nine digits. A secret, shown to whoever is at the speaker. */
  readonly code: string;
  readonly salt: Uint8Array;
  readonly untilUs: number;
}

export type PairingAttempt = {
  readonly id: string;
  readonly bridgeId: string;
  readonly untilUs: number;
} & (
  | { readonly kind: 'begun' }
  /** Counted; what was answered is in `verifying`. */
  | { readonly kind: 'spent'; readonly verifying: Verifying }
);

export type PairingState =
  | { readonly kind: 'owned' }
  /** Locked when there were too many failures. */
  | { readonly kind: 'closed'; readonly failures: number }
  | {
      readonly kind: 'open';
      readonly failures: number;
      readonly window: PairingWindow;
      readonly attempt: PairingAttempt | null;
      /** How often it was begun in this window, by address; the oldest first. */
      readonly begun: ReadonlyMap<string, number>;
    };

/** What everybody may know. */
export function statusOf(state: PairingState): 'open' | 'closed' | 'owned' {
  return state.kind;
}

/** @param isByPerson asked for by somebody at the speaker itself, who may also unlock it */
export function openWindow(
  state: PairingState,
  window: PairingWindow,
  isByPerson: boolean,
): Result<PairingState, TonearmError> {
  if (state.kind === 'owned') return refused(refusalOf(state));
  const failures = isByPerson ? 0 : state.failures;
  if (failures >= FAILURES_MAX) return refused(refusalOf({ kind: 'closed', failures }));
  return { ok: true, value: { kind: 'open', failures, window, attempt: null, begun: new Map() } };
}

/** What time has ended: the window, or the attempt. */
export function expire(state: PairingState, nowUs: number): PairingState {
  if (state.kind !== 'open') return state;
  if (nowUs >= state.window.untilUs) return { kind: 'closed', failures: state.failures };
  return state.attempt !== null && nowUs >= state.attempt.untilUs ? endAttempt(state) : state;
}

/**
 * Counts it for where it comes from. Refused with `pairing.owned`, `closed`, `locked` (for everybody, or for this address) or `busy`.
 * @param from the address, or what stands for all addresses of one asker
 */
export function beginAttempt(
  state: PairingState,
  { from, ...who }: { readonly id: string; readonly bridgeId: string; readonly from: string },
  nowUs: number,
): Result<PairingState, TonearmError> {
  if (state.kind !== 'open') return refused(refusalOf(state));
  const before = state.begun.get(from) ?? 0;
  if (before >= ADDRESS_ATTEMPTS_MAX) {
    const message = 'too many attempts from this address; run `tonearm speaker pair` on the speaker';
    return refused(new TonearmError('pairing.locked', message));
  }
  if (state.attempt !== null) {
    return refused(new TonearmError('pairing.busy', 'somebody else is pairing this speaker; try again in a minute'));
  }
  const untilUs = nowUs + PAIRING_ATTEMPT_MS * US_PER_MS;
  const others = [...state.begun].filter(([address]) => address !== from).slice(1 - ADDRESSES_MAX);
  const begun = new Map([...others, [from, before + 1]]);
  return { ok: true, value: { ...state, begun, attempt: { ...who, untilUs, kind: 'begun' } } };
}

/** Counts it, before anything is answered. Null: there is no such attempt, or it has been answered. */
export function spendAttempt(state: PairingState, id: string, verifying: Verifying): PairingState | null {
  if (state.kind !== 'open' || state.attempt?.id !== id || state.attempt.kind !== 'begun') return null;
  return { ...state, failures: state.failures + 1, attempt: { ...state.attempt, kind: 'spent', verifying } };
}

/** Ends an attempt, whatever came of it; the last failure closes the window. */
export function endAttempt(state: PairingState): PairingState {
  if (state.kind !== 'open') return state;
  if (state.failures >= FAILURES_MAX) return { kind: 'closed', failures: state.failures };
  return { ...state, attempt: null };
}

/** Why it cannot be paired now. */
export function refusalOf(state: Exclude<PairingState, { kind: 'open' }>): TonearmError {
  if (state.kind === 'owned') {
    return new TonearmError('pairing.owned', 'this speaker belongs to a house; it has to be forgotten or reset first');
  }
  if (state.failures >= FAILURES_MAX) {
    const message = 'too many attempts with a wrong code; run `tonearm speaker pair` on the speaker';
    return new TonearmError('pairing.locked', message);
  }
  const message = 'this speaker is not open to be paired; start it anew, or run `tonearm speaker pair` on it';
  return new TonearmError('pairing.closed', message);
}
