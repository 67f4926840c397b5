/** Listens to the buttons of a board and says what they ask; the driver of `button-press.ts`. What listens comes back by itself. */
import type { ButtonEdge, ButtonPanel } from '#device/core/ports/button-panel';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { ms } from '#protocol/vocabulary/units';
import type { ButtonFunction } from './board-lines.ts';
import { actionOf, BUTTON_MANNERS, type ButtonAction, type PressedWhile } from './button-actions.ts';
import { BUTTON_UP, type ButtonInput, type ButtonState, transition } from './button-press.ts';

/** A tool that is missing, or a line that is taken, is mended by a person if at all. */
const RETRY = { baseMs: ms(2_000), capMs: ms(60_000) } as const;

export interface ButtonsPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly panel: ButtonPanel;
}

export interface ButtonsView {
  now(): PressedWhile;
  asked(action: ButtonAction): void;
}

export interface Buttons {
  start(): void;
  /** No timer is left. Unstarted is harmless. */
  stop(): Promise<void>;
}

interface Button {
  readonly does: ButtonFunction;
  state: ButtonState;
  timer: Timer | null;
}

/** @param functions of the panel's buttons, in its order */
export function createButtons(ports: ButtonsPorts, functions: readonly ButtonFunction[], view: ButtonsView): Buttons {
  const { clock, random, logger, panel } = ports;
  const buttons = functions.map((does): Button => ({ does, state: BUTTON_UP, timer: null }));
  const retry = fullJitter(random, RETRY);
  let again: Timer | null = null;
  let isOver = false;

  function take(button: Button, input: ButtonInput): void {
    const step = transition(button.state, input, BUTTON_MANNERS[button.does]);
    button.state = step.state;
    button.timer?.cancel();
    button.timer =
      step.timer === null
        ? null
        : clock.setTimer('button', step.timer, () => take(button, { kind: 'timerFired', nowUs: clock.nowUs() }));
    if (!step.acts) return;
    logger.info('button.acts', { button: button.does });
    view.asked(actionOf(button.does, view.now()));
  }

  function edge({ button: index, isPressed }: ButtonEdge): void {
    const button = buttons[index];
    if (isOver || button === undefined) return;
    retry.reset();
    take(button, { kind: 'edge', isPressed, nowUs: clock.nowUs() });
  }

  /** What was down is not known any more: a reset must not come of a tool that was killed. */
  function forget(): void {
    for (const button of buttons) {
      button.timer?.cancel();
      Object.assign(button, { state: BUTTON_UP, timer: null });
    }
  }

  function listen(): void {
    panel.listen({
      edge,
      lost: (reason) => {
        if (isOver) return;
        logger.warn('buttons.lost', { reason });
        forget();
        again = clock.setTimer('buttons-again', ms(RETRY.baseMs + retry.next()), listen);
      },
    });
  }

  return {
    start: () => listen(),
    stop: async () => {
      isOver = true;
      again?.cancel();
      forget();
      await panel.close();
    },
  };
}
