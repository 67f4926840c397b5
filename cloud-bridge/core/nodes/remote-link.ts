/** A socket that is open at another bridge, as the household here sees it: an ordinary link. */
import { CLOSE_CODES, type CloseCode, type TransportLink, type TransportListener } from '#protocol/ports/transport';
import type { NodeChannel } from './node-channel.ts';

export class RemoteLink implements TransportLink {
  readonly #channel: Pick<NodeChannel, 'say' | 'queuedBytes'>;
  readonly #id: number;
  readonly #gone: () => void;
  #listener: TransportListener | null = null;
  #isOpen = true;

  /** @param gone called once, however it ends */
  constructor(channel: Pick<NodeChannel, 'say' | 'queuedBytes'>, id: number, gone: () => void) {
    this.#channel = channel;
    this.#id = id;
    this.#gone = gone;
  }

  send(text: string): boolean {
    return this.#isOpen && this.#channel.say({ kind: 'text', link: this.#id, text });
  }

  queuedBytes(): number {
    return this.#channel.queuedBytes();
  }

  close(code: CloseCode, reason: string): void {
    if (!this.#isOpen) return;
    this.#channel.say({ kind: 'close', link: this.#id, code, reason: reason.slice(0, REASON_LENGTH_MAX) });
    this.closed(code, reason);
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  /** Something came on it at the other bridge. */
  received(text: string): void {
    if (this.#isOpen) this.#listener?.received(text);
  }

  /** It has ended at the other bridge, or the way there has. */
  closed(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#gone();
    this.#listener?.closed(code, reason);
  }
}

/** As the schema of `close` has it. */
export const REASON_LENGTH_MAX = 200;

const CODES: readonly CloseCode[] = Object.values(CLOSE_CODES);

/** A code that came from another bridge: one of ours, or that of a bug. */
export function closeCodeOf(code: number): CloseCode {
  return CODES.find((it) => it === code) ?? CLOSE_CODES.internal;
}
