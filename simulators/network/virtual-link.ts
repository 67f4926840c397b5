/**
 * One message link between two places of a virtual network: two ends and, each way, a line of messages under way.
 *
 * It behaves as a WebSocket over TCP does where that matters to us: order is kept whatever the jitter; a silent path
 * holds messages back and delivers them late instead of losing them; whoever dies without a word is noticed at once on
 * a path that works, and only by the want of heartbeats on one that does not.
 */
import type { Timer } from '#protocol/ports/clock';
import type { CloseCode, TransportLink, TransportListener } from '#protocol/ports/transport';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { type Cargo, type LineSurroundings, VirtualLine, type VirtualPath } from './virtual-line.ts';

/** What a socket library reports when the connection ended without a close frame (RFC 6455 section 7.1.5). */
export const ABNORMAL_CLOSE = 1006;
const NOW = ms(0);
/** When a system's keep-alive finds that nobody answers any more (browsers ask after 45 s of silence); who has heartbeats knows earlier. */
const KEEP_ALIVE: Ms = ms(60_000);

/** `dead`: the process that held it is gone, so nobody is there to be told anything. */
type EndState = 'open' | 'closed' | 'dead';

/** One end of a link. `place` says whose. */
export class VirtualLinkEnd implements TransportLink {
  readonly place: string;
  readonly #surroundings: LineSurroundings;
  #state: EndState = 'open';
  #listener: TransportListener | null = null;
  #outgoing: VirtualLine | null = null;
  #farewell: Timer | null = null;
  readonly #ended: () => void;

  /** @param ended told when nothing holds this end any more */
  constructor(place: string, surroundings: LineSurroundings, ended: () => void) {
    this.place = place;
    this.#ended = ended;
    this.#surroundings = surroundings;
  }

  /** Joins it to its line; done once, by `createVirtualLink`. */
  attach(outgoing: VirtualLine): void {
    this.#outgoing = outgoing;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  send(text: string): boolean {
    if (this.#state !== 'open' || this.#outgoing === null) return false;
    const { traffic, queueBytesMax } = this.#surroundings;
    const queued = this.#outgoing.queuedBytes() + (this.#outgoing.path.isSilent() ? text.length : 0);
    if (queued > queueBytesMax) {
      traffic.refused += 1;
      return false;
    }
    traffic.sent += 1;
    traffic.queuedBytesPeak = Math.max(traffic.queuedBytesPeak, queued);
    this.#outgoing.push({ kind: 'message', text });
    return true;
  }

  queuedBytes(): number {
    return this.#state === 'open' ? (this.#outgoing?.queuedBytes() ?? 0) : 0;
  }

  close(code: CloseCode, reason: string): void {
    if (this.#state !== 'open') return;
    this.#outgoing?.push({ kind: 'close', code, reason });
    this.#end(code, reason);
  }

  isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The other end's message or farewell has come. */
  arrive(cargo: Cargo): void {
    if (this.#state !== 'open') {
      if (cargo.kind === 'message') this.#surroundings.traffic.lost += 1;
      return;
    }
    if (cargo.kind === 'close') {
      this.#outgoing?.clear();
      this.#end(cargo.code, cargo.reason);
      return;
    }
    if (this.#listener === null) throw new Error(`a message came to ${this.place} before it listened`);
    this.#surroundings.traffic.delivered += 1;
    this.#listener.received(cargo.text);
  }

  /** The connection is gone on this side, with nothing said to the other. */
  sever(): void {
    this.#outgoing?.clear();
    if (this.#state === 'open') this.#end(ABNORMAL_CLOSE, 'the connection was cut');
  }

  /** The process holding this end died: it hears nothing more, the other end notices when the path lets it. */
  die(): void {
    this.#farewell?.cancel();
    const wasOpen = this.#state === 'open';
    this.#state = 'dead';
    if (wasOpen) this.#outgoing?.push({ kind: 'close', code: ABNORMAL_CLOSE, reason: '' });
    this.#ended();
  }

  /** The machine that held it has lost its power: nobody is told, here or there. */
  vanish(): void {
    this.#farewell?.cancel();
    this.#state = 'dead';
    this.#ended();
  }

  /** Own timer, as a socket library's event comes in a turn of its own. */
  #end(code: number, reason: string): void {
    this.#state = 'closed';
    this.#ended();
    this.#farewell = this.#surroundings.clock.setTimer(`network.closed ${this.place}`, NOW, () => {
      this.#farewell = null;
      this.#listener?.closed(code, reason);
    });
  }
}

export interface VirtualLink {
  readonly dialled: VirtualLinkEnd;
  readonly accepted: VirtualLinkEnd;
  /** Lets both ways go on after a silence. */
  resume(): void;
  /** Both ways have become others: what is under way takes the time that they now take. */
  startOver(): void;
  /** Cuts it so that both ends are told. */
  sever(): void;
  /** Whoever is between has forgotten it: nothing gets through any more, and neither end is told before its keep-alive. */
  forget(): void;
  /** Whether anybody still holds an end. */
  isUsed(): boolean;
  /** Whether it is open at both ends, and now carries what is sent, each way. */
  isWhole(): boolean;
}

/** @param forth from who dialled to who accepted. @param back the other way. */
export function createVirtualLink(
  dialledBy: string,
  acceptedBy: string,
  surroundings: LineSurroundings,
  { forth, back }: { readonly forth: VirtualPath; readonly back: VirtualPath },
): VirtualLink {
  let isForgotten = false;
  let keepAlive: Timer | null = null;
  const isUsed = (): boolean => dialled.isOpen() || accepted.isOpen();
  const ended = (): void => {
    if (!isUsed()) keepAlive?.cancel();
  };
  const forgettable = (path: VirtualPath): VirtualPath => ({
    delay: (sizeBytes) => path.delay(sizeBytes),
    isSilent: () => isForgotten || path.isSilent(),
  });
  const dialled = new VirtualLinkEnd(dialledBy, surroundings, ended);
  const accepted = new VirtualLinkEnd(acceptedBy, surroundings, ended);
  const lines = [
    new VirtualLine(`network ${dialledBy} → ${acceptedBy}`, surroundings, forgettable(forth), (cargo) =>
      accepted.arrive(cargo),
    ),
    new VirtualLine(`network ${acceptedBy} → ${dialledBy}`, surroundings, forgettable(back), (cargo) =>
      dialled.arrive(cargo),
    ),
  ] as const;
  dialled.attach(lines[0]);
  accepted.attach(lines[1]);
  const sever = (): void => {
    dialled.sever();
    accepted.sever();
  };
  return {
    dialled,
    accepted,
    resume: () => {
      for (const line of lines) line.resume();
    },
    startOver: () => {
      for (const line of lines) line.startOver();
    },
    sever,
    forget: () => {
      if (isForgotten || !isUsed()) return;
      isForgotten = true;
      keepAlive = surroundings.clock.setTimer(`network keep-alive ${dialledBy} → ${acceptedBy}`, KEEP_ALIVE, sever);
    },
    isUsed,
    isWhole: () => dialled.isOpen() && accepted.isOpen() && lines.every((line) => !line.path.isSilent()),
  };
}
