/** What a speaker's light shows: which state, of those that hold at once, and how it looks. */
import type { LightPattern } from '#device/core/ports/status-light';
import { ms } from '#protocol/vocabulary/units';

export type LightState = 'booting' | 'needs-pairing' | 'idle' | 'playing' | 'no-bridge' | 'updating' | 'error';

export interface LightFacts {
  readonly isReady: boolean;
  readonly isOwned: boolean;
  readonly isConnected: boolean;
  /** Or about to. */
  readonly isPlaying: boolean;
  /** A version is tried or about to be put in the place of this one: the plug should stay in. */
  readonly isUpdating: boolean;
  /** There is no sound although there should be. */
  readonly hasProblem: boolean;
}

/** What somebody has to do something about comes first, then what is only to be known. */
export function lightStateOf(facts: LightFacts): LightState {
  if (facts.isUpdating) return 'updating';
  if (!facts.isReady) return 'booting';
  if (facts.hasProblem) return 'error';
  if (!facts.isOwned) return 'needs-pairing';
  if (!facts.isConnected) return 'no-bridge';
  return facts.isPlaying ? 'playing' : 'idle';
}

/** No step is shorter: each may be a process of its own on a small board, and faster is no sign but a flicker. */
export const LIGHT_STEP_MIN_MS = 100;

const on = (lasts: number) => ({ isOn: true, lasts: ms(lasts) });
const off = (lasts: number) => ({ isOn: false, lasts: ms(lasts) });

/** Told apart without colour, by rhythm alone. */
export const LIGHT_PATTERNS: Readonly<Record<LightState, LightPattern>> = {
  booting: [on(500), off(500)],
  'needs-pairing': [on(200), off(200), on(200), off(1_400)],
  idle: [off(1_000)],
  playing: [on(1_000)],
  'no-bridge': [on(200), off(1_800)],
  updating: [on(1_500), off(250)],
  error: [on(200), off(200), on(200), off(200), on(200), off(1_000)],
};
