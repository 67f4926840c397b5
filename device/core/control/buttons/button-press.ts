/**
 * What a button's bouncing contact means: a pure machine of one button. A level counts when it has lasted, so an edge only
 * begins a wait; and what a held button does hangs on when it went down, not on how often it bounced since.
 */
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';

/** Contacts of small push buttons bounce for 1 to 10 ms; a finger does nothing in twice that. */
export const DEBOUNCE_MS = ms(20);
const US_PER_MS = 1_000;

/** When it acts while it is down. */
export type ButtonManner =
  | { readonly kind: 'pressed' }
  /** At once, and again and again after a while. */
  | { readonly kind: 'repeating'; readonly after: Ms; readonly every: Ms }
  /** Only when it has been down so long, once. */
  | { readonly kind: 'held'; readonly after: Ms };

export interface ButtonState {
  /** As the contact was told last. */
  readonly isDown: boolean;
  /** When it has lasted; null: it counts as up. */
  readonly pressed: {
    readonly sinceUs: Us;
    /** Of its next act; null: none follows. */
    readonly nextUs: number | null;
  } | null;
}

export const BUTTON_UP: ButtonState = { isDown: false, pressed: null };

export type ButtonInput =
  | { readonly kind: 'edge'; readonly isPressed: boolean; readonly nowUs: Us }
  | { readonly kind: 'timerFired'; readonly nowUs: Us };

export interface ButtonStep {
  readonly state: ButtonState;
  readonly acts: boolean;
  /** The one timer of this button, in the place of the one before; null: none. */
  readonly timer: Ms | null;
}

export function transition(state: ButtonState, input: ButtonInput, manner: ButtonManner): ButtonStep {
  if (input.kind === 'edge') return { state: { ...state, isDown: input.isPressed }, acts: false, timer: DEBOUNCE_MS };
  const { nowUs } = input;
  const { isDown, pressed } = state;
  if (!isDown) return { state: BUTTON_UP, acts: false, timer: null };
  if (pressed === null) {
    const acts = manner.kind !== 'held';
    return waiting({ isDown, pressed: { sinceUs: nowUs, nextUs: firstOf(manner, nowUs) } }, acts, nowUs);
  }
  if (pressed.nextUs === null || nowUs < pressed.nextUs) return waiting(state, false, nowUs);
  // One act, however late the timer is.
  const nextUs = manner.kind === 'repeating' ? nowUs + manner.every * US_PER_MS : null;
  return waiting({ isDown, pressed: { ...pressed, nextUs } }, true, nowUs);
}

function firstOf(manner: ButtonManner, nowUs: Us): number | null {
  return manner.kind === 'pressed' ? null : nowUs + manner.after * US_PER_MS;
}

function waiting(state: ButtonState, acts: boolean, nowUs: Us): ButtonStep {
  const nextUs = state.pressed?.nextUs ?? null;
  return { state, acts, timer: nextUs === null ? null : ms((nextUs - nowUs) / US_PER_MS) };
}
