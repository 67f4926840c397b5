/**
 * A light on a line of a GPIO chip, by `gpioset`, which holds the line for as long as it runs: a process for each step of a
 * pattern, since version 1 knows no other way that lasts. A line has one holder, so the old one ends before the next begins.
 */
import type { LightPattern, StatusLight } from '#device/core/ports/status-light';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';
import { type GpioLine, type GpioVersion, setArguments } from './gpio-arguments.ts';
import type { GpioPlace } from './gpio-button-panel.ts';
import { askVersion, type GpioTool, runTool, toolPath } from './gpio-tool.ts';

/** After a tool that does not hold the line. */
const AGAIN_AFTER = ms(60_000);

export function createGpioStatusLight(
  ports: { readonly clock: Clock; readonly logger: Logger },
  place: GpioPlace,
  line: GpioLine,
): StatusLight {
  return new GpioStatusLight(ports, place, line);
}

class GpioStatusLight implements StatusLight {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #place: GpioPlace;
  readonly #line: GpioLine;
  #pattern: LightPattern | null = null;
  #loop: Promise<void> | null = null;
  /** Ends the wait of the step that is shown. */
  #goOn: () => void = () => undefined;
  #isClosed = false;

  constructor(ports: { readonly clock: Clock; readonly logger: Logger }, place: GpioPlace, line: GpioLine) {
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#place = place;
    this.#line = line;
  }

  show(pattern: LightPattern): void {
    if (this.#isClosed) return;
    this.#pattern = pattern;
    this.#goOn();
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#goOn();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const program = toolPath(this.#place.tools, 'gpioset');
    while (!this.#isClosed) {
      const version = await askVersion(program);
      const reason = typeof version === 'string' ? version : await this.#showAll(program, version);
      if (this.#isClosed || reason === null) return;
      this.#logger.warn('light.failed', { reason });
      await this.#wait(AGAIN_AFTER, null);
    }
  }

  /** Pattern after pattern. @returns why it cannot, or null when it is closed */
  async #showAll(program: string, version: GpioVersion): Promise<string | null> {
    for (let shown = this.#pattern, index = 0; !this.#isClosed; index += 1) {
      if (shown !== this.#pattern) [shown, index] = [this.#pattern, 0];
      const step = shown?.[index % shown.length];
      if (step === undefined) return null;
      const tool = runTool(program, setArguments(version, this.#place.chip, this.#line, step.isOn), () => undefined);
      const reason = await this.#wait(shown?.length === 1 ? null : step.lasts, tool);
      tool.end();
      await tool.ended;
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Until it is over, something else is to be shown, or the tool has ended by itself: why. @param lasts null: for ever */
  async #wait(lasts: LightPattern[0]['lasts'] | null, tool: GpioTool | null): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    this.#goOn = () => resolve(null);
    const timer = lasts === null ? null : this.#clock.setTimer('light', lasts, () => resolve(null));
    if (this.#isClosed) resolve(null);
    const reason = await (tool === null ? promise : Promise.race([promise, tool.ended]));
    timer?.cancel();
    return reason;
  }
}
