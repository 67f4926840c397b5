/** Buttons on lines of a GPIO chip, heard by `gpiomon`: one process for those that are active low, one for the others. */
import type { ButtonListener, ButtonPanel } from '#device/core/ports/button-panel';
import { type GpioLine, monitorArguments, parseEdge } from './gpio-arguments.ts';
import { askVersion, type GpioTool, runTool, toolPath } from './gpio-tool.ts';

export interface GpioPlace {
  /** `gpiochip0` */
  readonly chip: string;
  /** Of the tools, in a test; null: as PATH finds them. */
  readonly tools: string | null;
}

export function createGpioButtonPanel(place: GpioPlace, lines: readonly GpioLine[]): ButtonPanel {
  return new GpioButtonPanel(place, lines);
}

class GpioButtonPanel implements ButtonPanel {
  readonly #place: GpioPlace;
  readonly #lines: readonly GpioLine[];
  #tools: readonly GpioTool[] = [];
  #listening: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(place: GpioPlace, lines: readonly GpioLine[]) {
    this.#place = place;
    this.#lines = lines;
  }

  listen(listener: ButtonListener): void {
    this.#listening = this.#listen(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const tool of this.#tools) tool.end();
    await this.#listening;
  }

  /** Resolves when nothing listens any more. */
  async #listen(listener: ButtonListener): Promise<void> {
    const program = toolPath(this.#place.tools, 'gpiomon');
    const version = await askVersion(program);
    if (this.#isClosed) return;
    if (typeof version === 'string') return listener.lost(version);
    const take = (text: string) => {
      const edge = parseEdge(text);
      const button = this.#lines.findIndex(({ line }) => line === edge?.line);
      if (edge !== null && button >= 0 && !this.#isClosed) listener.edge({ button, isPressed: edge.isActive });
    };
    this.#tools = [true, false].flatMap((isActiveLow) => {
      const lines = this.#lines.filter((it) => it.isActiveLow === isActiveLow).map(({ line }) => line);
      if (lines.length === 0) return [];
      return [runTool(program, monitorArguments(version, this.#place.chip, lines, isActiveLow), take)];
    });
    const reason = await Promise.race(this.#tools.map(({ ended }) => ended));
    for (const tool of this.#tools) tool.end();
    await Promise.all(this.#tools.map(({ ended }) => ended));
    this.#tools = [];
    if (!this.#isClosed) listener.lost(reason);
  }
}
