/** One end of a link whose other end says what was recorded. What this end says goes nowhere; it is noted by who wraps it. */
import type { TransportLink, TransportListener } from '#protocol/ports/transport';

export class ScriptedLink implements TransportLink {
  #listener: TransportListener | null = null;
  #early: ((listener: TransportListener) => void)[] = [];
  #state: 'open' | 'closing' | 'closed' = 'open';

  send(): boolean {
    return this.#state === 'open';
  }

  queuedBytes(): number {
    return 0;
  }

  /** The other end's farewell comes when it was recorded, or with `end`. */
  close(): void {
    if (this.#state === 'open') this.#state = 'closing';
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const tell of early) tell(listener);
  }

  deliver(text: string): void {
    if (this.#state === 'open') this.#tell((listener) => listener.received(text));
  }

  /** It is closed, by whichever side. Twice is harmless. */
  end(code: number): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#tell((listener) => listener.closed(code, ''));
  }

  isClosing(): boolean {
    return this.#state === 'closing';
  }

  #tell(tell: (listener: TransportListener) => void): void {
    if (this.#listener === null) this.#early.push(tell);
    else tell(this.#listener);
  }
}
