// @ts-check
/**
 * A range that people and the house both move. While a finger is on it the house's values are not shown, and for a
 * moment after, so that the thumb does not jump back to a value that is on its way out.
 */
import { element, setText } from '../dom.js';

/** A command and its event take some tens of milliseconds in a house; this allows for a poor Wi-Fi. */
const HELD_AFTER_MS = 1_200;

/**
 * @param {{
 *   className: string,
 *   label: string,
 *   max: number,
 *   step: number,
 *   say(value: number): string,
 *   moved?(value: number): void,
 *   chosen(value: number): void,
 *   word?(value: number): string,
 * }} options `say` is for screen readers, `word` is what `shown` shows (else the number)
 */
export function slider(options) {
  const shown = element('output', { class: `${options.className}-value`, attributes: { 'aria-hidden': true } });
  const input = element('input', {
    class: `slider ${options.className}`,
    attributes: { type: 'range', min: 0, max: options.max, step: options.step, value: 0, 'aria-label': options.label },
    on: {
      input: () => {
        heldUntilMs = Number.POSITIVE_INFINITY;
        draw();
        options.moved?.(input.valueAsNumber);
      },
      change: () => {
        heldUntilMs = performance.now() + HELD_AFTER_MS;
        options.chosen(input.valueAsNumber);
      },
    },
  });
  let heldUntilMs = 0;
  function draw() {
    const value = input.valueAsNumber;
    const share = input.max === '0' ? 0 : value / Number(input.max);
    input.style.setProperty('--fill', `${(share * 100).toFixed(2)}%`);
    const said = options.say(value);
    if (input.getAttribute('aria-valuetext') !== said) input.setAttribute('aria-valuetext', said);
    setText(shown, options.word?.(value) ?? String(value));
  }
  draw();
  return {
    element: input,
    shown,
    /** @param {number} value from the house @param {number} [max] */
    show(value, max) {
      if (performance.now() < heldUntilMs) return;
      if (max !== undefined && input.max !== String(max)) input.max = String(max);
      input.value = String(value);
      draw();
    },
    /** Shows the house's next value at once, e.g. of another track. */
    release() {
      heldUntilMs = 0;
    },
    /** @param {boolean} isEnabled */
    setEnabled(isEnabled) {
      input.disabled = !isEnabled;
    },
  };
}
