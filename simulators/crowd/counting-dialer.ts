/** A dialer whose links count what goes over them, by kind, so that a crowd can say what it has asked of its bridge. */
import type { CloseCode, TransportDialer, TransportLink, TransportListener } from '#protocol/ports/transport';
import { ok } from '#protocol/vocabulary/result';
import type { CrowdTally } from './crowd-tally.ts';

/** How every message of ours begins; parsing each twice would cost more than all else that a speaker does. */
const BEFORE_KIND = '{"kind":"';
const KIND_LENGTH_MAX = 40;

export function createCountingDialer(dialer: TransportDialer, tally: CrowdTally): TransportDialer {
  return {
    dial: (address, pin) => {
      const attempt = dialer.dial(address, pin);
      const outcome = attempt.outcome.then((it) => (it.ok ? ok(new CountedLink(it.value, tally)) : it));
      return { outcome, cancel: () => attempt.cancel() };
    },
  };
}

/** Its own listener too: ten thousand links hold no closures of their own. */
class CountedLink implements TransportLink, TransportListener {
  readonly #link: TransportLink;
  readonly #tally: CrowdTally;
  #listener: TransportListener | null = null;

  constructor(link: TransportLink, tally: CrowdTally) {
    this.#link = link;
    this.#tally = tally;
  }

  send(text: string): boolean {
    const isSent = this.#link.send(text);
    if (isSent) this.#tally.message('out', kindOf(text));
    return isSent;
  }

  queuedBytes(): number {
    return this.#link.queuedBytes();
  }

  close(code: CloseCode, reason: string): void {
    this.#link.close(code, reason);
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    this.#link.listen(this);
  }

  received(text: string): void {
    this.#tally.message('in', kindOf(text));
    this.#listener?.received(text);
  }

  closed(code: number, reason: string): void {
    this.#listener?.closed(code, reason);
  }
}

function kindOf(text: string): string {
  if (!text.startsWith(BEFORE_KIND)) return 'other';
  const end = text.indexOf('"', BEFORE_KIND.length);
  return end > 0 && end < KIND_LENGTH_MAX ? text.slice(BEFORE_KIND.length, end) : 'other';
}
