/** What each function of a button does, and how it is pressed for it. */
import { ms, percent } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { ButtonFunction } from './board-lines.ts';
import type { ButtonManner } from './button-press.ts';

/** Heard as a step, and across the whole range in twenty. */
export const VOLUME_STEP = 5;
const VOLUME_MAX = 100;
/** So long that nobody does it by leaning on it. */
export const RESET_AFTER_MS = ms(10_000);
const REPEATING: ButtonManner = { kind: 'repeating', after: ms(500), every: ms(200) };
const PRESSED: ButtonManner = { kind: 'pressed' };

export const BUTTON_MANNERS: Readonly<Record<ButtonFunction, ButtonManner>> = {
  'play-pause': PRESSED,
  next: PRESSED,
  previous: PRESSED,
  'volume-up': REPEATING,
  'volume-down': REPEATING,
  pair: PRESSED,
  reset: { kind: 'held', after: RESET_AFTER_MS },
};

/** As the speaker is when the button acts. */
export interface PressedWhile {
  /** Or about to. */
  readonly isPlaying: boolean;
  readonly volume: number;
}

export type ButtonAction =
  | { readonly kind: 'command'; readonly body: CommandBody }
  | { readonly kind: 'openPairing' | 'reset' };

export function actionOf(button: ButtonFunction, { isPlaying, volume }: PressedWhile): ButtonAction {
  switch (button) {
    case 'play-pause':
      return { kind: 'command', body: { kind: isPlaying ? 'pause' : 'resume' } };
    case 'next':
    case 'previous':
      return { kind: 'command', body: { kind: button } };
    case 'volume-up':
      return setVolume(volume + VOLUME_STEP);
    case 'volume-down':
      return setVolume(volume - VOLUME_STEP);
    case 'pair':
      return { kind: 'openPairing' };
    case 'reset':
      return { kind: 'reset' };
  }
}

function setVolume(wanted: number): ButtonAction {
  const volume = percent(Math.min(VOLUME_MAX, Math.max(0, wanted)));
  return { kind: 'command', body: { kind: 'setVolume', volume } };
}
