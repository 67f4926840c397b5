/**
 * What a replayed speaker says, beside what it said when it was recorded: so that what it made up itself and is told again by
 * its bridge can be put in as it is now.
 */
import type { TransportLink } from '#protocol/ports/transport';

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

export class SentNow {
  #probes = new Map<unknown, unknown>();
  #uidsThen: readonly unknown[] = [];
  #uidsNow: readonly unknown[] = [];

  /** The same link, listened to. */
  overhear(link: TransportLink): TransportLink {
    // A new link begins its probes anew.
    this.#probes = new Map();
    return {
      send: (text) => {
        const message = JSON.parse(text) as Message;
        if (message.kind === 'timeProbe') this.#probes.set(message['sequence'], message['t1Us']);
        this.#uidsNow = uidsOf(message) ?? this.#uidsNow;
        return link.send(text);
      },
      queuedBytes: () => link.queuedBytes(),
      close: (code, reason) => link.close(code, reason),
      listen: (listener) => link.listen(listener),
    };
  }

  /** It said this when it was recorded. */
  saidThen(message: Message): void {
    this.#uidsThen = uidsOf(message) ?? this.#uidsThen;
  }

  /** @returns what the bridge said then, with what the speaker has made up now */
  asNow(message: Message): Message {
    if (message.kind === 'timeReply') {
      return { ...message, t1Us: this.#probes.get(message['sequence']) ?? message['t1Us'] };
    }
    const { body } = message;
    if (message.kind !== 'command' || !isRecord(body)) return message;
    const named: Record<string, unknown> = { ...body };
    if (Array.isArray(body['uids'])) named['uids'] = body['uids'].map((uid: unknown) => this.#uidNow(uid));
    for (const field of ['uid', 'after']) if (field in body) named[field] = this.#uidNow(body[field]);
    return { ...message, body: named };
  }

  /** The entry that stands where that one stood; its name as it was where there is none. */
  #uidNow(uid: unknown): unknown {
    const place = this.#uidsThen.indexOf(uid);
    return place < 0 ? uid : (this.#uidsNow[place] ?? uid);
  }
}

function uidsOf({ session }: Message): readonly unknown[] | null {
  if (!isRecord(session) || !isRecord(session['queue'])) return null;
  const uids = session['queue']['upNextUids'];
  return Array.isArray(uids) ? uids : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
