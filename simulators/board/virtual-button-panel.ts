/** Buttons that a test presses, with contacts that bounce as it says. */
import type { ButtonListener, ButtonPanel } from '#device/core/ports/button-panel';

export class VirtualButtonPanel implements ButtonPanel {
  listenings = 0;
  #listener: ButtonListener | null = null;
  #isClosed = false;

  listen(listener: ButtonListener): void {
    if (this.#isClosed) return;
    this.listenings += 1;
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener = null;
  }

  /** The contact as it is. */
  edge(button: number, isPressed: boolean): void {
    this.#listener?.edge({ button, isPressed });
  }

  /** Whoever reads the lines has gone. */
  lose(reason: string): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.lost(reason);
  }
}
