/** A light that remembers when it was lit. */
import type { LightPattern, StatusLight } from '#device/core/ports/status-light';
import type { Clock, Timer } from '#protocol/ports/clock';

export class VirtualStatusLight implements StatusLight {
  readonly patterns: LightPattern[] = [];
  isOn = false;
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  show(pattern: LightPattern): void {
    if (this.#isClosed) return;
    this.patterns.push(pattern);
    this.#step(pattern, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.isOn = false;
  }

  #step(pattern: LightPattern, index: number): void {
    this.#timer?.cancel();
    const step = pattern[index % pattern.length] ?? pattern[0];
    this.isOn = step.isOn;
    if (pattern.length > 1) {
      this.#timer = this.#clock.setTimer('virtual-light', step.lasts, () => this.#step(pattern, index + 1));
    }
  }
}
