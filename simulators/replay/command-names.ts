/**
 * Commands that a bridge thinks of itself have names of chance, and speakers answer by them: an answer that was recorded is
 * to the command that stands where the recorded one stood. So it is with epochs that a bridge gives.
 */
import type { TransportLink } from '#protocol/ports/transport';
import type { FlightRecord } from '#protocol/wire/flight-record';
import { begunEpochOf, Epochs } from './epochs.ts';

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

export class CommandNames {
  readonly #then = new Map<string, string[]>();
  readonly #now = new Map<string, string[]>();
  readonly #laneOf = new Map<unknown, string>();

  readonly #epochsThen: Epochs;
  readonly #epochsNow: Epochs;

  constructor(record: FlightRecord) {
    const begun = begunEpochOf(record) ?? Number.POSITIVE_INFINITY;
    this.#epochsThen = new Epochs(begun);
    this.#epochsNow = new Epochs(begun);
    for (const { port, event } of record.entries) {
      if (port !== 'link' || event.kind !== 'sent') continue;
      this.#epochsThen.given(event.message['epoch']);
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
        this.#epochsNow.given(message['epoch']);
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
    if (message.kind !== 'answer') return this.#inEpochNow(message);
    const lane = this.#laneOf.get(message['id']);
    if (lane === undefined) return message;
    const place = this.#then.get(lane)?.indexOf(String(message['id'])) ?? -1;
    return { ...message, id: this.#now.get(lane)?.[place] ?? message['id'] };
  }

  #inEpochNow(message: Message): Message {
    const { resume } = message;
    const own = {
      ...message,
      ...(typeof message['epoch'] === 'number' ? { epoch: this.#epochNow(message['epoch']) } : {}),
    };
    if (typeof resume !== 'object' || resume === null || !('epoch' in resume)) return own;
    return { ...own, resume: { ...resume, epoch: this.#epochNow(Number(resume.epoch)) } };
  }

  #epochNow(epoch: number): number {
    const place = this.#epochsThen.place(epoch) ?? 0;
    return (place === 0 ? null : this.#epochsNow.at(place)) ?? epoch;
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
