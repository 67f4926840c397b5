/**
 * Commands that a bridge thinks of itself have names of chance, and speakers answer by them: an answer that was recorded is
 * to the command that stands where the recorded one stood.
 */
import type { TransportLink } from '#protocol/ports/transport';
import type { FlightEntry } from '#protocol/wire/flight-record';

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

export class CommandNames {
  readonly #then = new Map<string, string[]>();
  readonly #now = new Map<string, string[]>();
  readonly #laneOf = new Map<unknown, string>();

  /** @param entries all that was recorded */
  constructor(entries: readonly FlightEntry[]) {
    for (const { port, event } of entries) {
      if (port !== 'link' || event.kind !== 'sent') continue;
      const lane = laneOf(event.link, event.message);
      if (lane === null) continue;
      this.#laneOf.set(event.message['id'], lane);
      add(this.#then, lane, String(event.message['id']));
    }
  }

  /** The same link, listened to. */
  overhear(inner: TransportLink, link: number): TransportLink {
    return {
      send: (text) => {
        const message = JSON.parse(text) as Message;
        const lane = laneOf(link, message);
        if (lane !== null) add(this.#now, lane, String(message['id']));
        return inner.send(text);
      },
      queuedBytes: () => inner.queuedBytes(),
      close: (code, reason) => inner.close(code, reason),
      listen: (listener) => inner.listen(listener),
    };
  }

  /** @returns what a speaker said then, as an answer to what it is told now */
  asNow(message: Message): Message {
    const lane = message.kind === 'answer' ? this.#laneOf.get(message['id']) : undefined;
    if (lane === undefined) return message;
    const place = this.#then.get(lane)?.indexOf(String(message['id'])) ?? -1;
    return { ...message, id: this.#now.get(lane)?.[place] ?? message['id'] };
  }
}

/** Commands of one kind to one speaker keep their order; null for what is no command. */
function laneOf(link: number, { kind, body }: Message): string | null {
  if (kind !== 'command' || typeof body !== 'object' || body === null || !('kind' in body)) return null;
  return `${link} ${String(body.kind)}`;
}

function add(lanes: Map<string, string[]>, lane: string, id: string): void {
  const ids = lanes.get(lane) ?? [];
  lanes.set(lane, ids);
  ids.push(id);
}
