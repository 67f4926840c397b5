/**
 * One message link between two places of a virtual network: two ends and, each way, a line of messages under way.
 *
 * It behaves as a WebSocket over TCP does where that matters to us: order is kept whatever the jitter; a silent path
 * holds messages back and delivers them late instead of losing them; whoever dies without a word is noticed at once on
 * a path that works, and only by the want of heartbeats on one that does not.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { CloseCode, TransportLink, TransportListener } from '#protocol/ports/transport';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** What a socket library reports when the connection ended without a close frame (RFC 6455 section 7.1.5). */
export const ABNORMAL_CLOSE = 1006;
const NOW = ms(0);

/** The network between two places, as a link needs it. */
export interface VirtualPath {
  /** How long the next message is under way. */
  delay(): Ms;
  /** True while nothing gets through and nobody is told. */
  isSilent(): boolean;
}

/** Sums over all links of a network; never reset. */
export interface TrafficCount {
  sent: number;
  delivered: number;
  /** Accepted by `send`, and lost because the link ended first. */
  lost: number;
  /** Not accepted: the send queue was full. */
  refused: number;
  queuedBytesPeak: number;
}

type Parcel =
  | { readonly kind: 'message'; readonly text: string; readonly dueUs: number; hasLeft: boolean }
  | {
      readonly kind: 'close';
      readonly code: number;
      readonly reason: string;
      readonly dueUs: number;
      hasLeft: boolean;
    };

/** Not yet timed: what a sender hands to the line. */
type Cargo =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

interface Surroundings {
  readonly clock: Clock;
  readonly path: VirtualPath;
  readonly traffic: TrafficCount;
  readonly queueBytesMax: number;
}

/** One way of a link. First in, first out; stands still while the path is silent. */
class Line {
  readonly #name: string;
  readonly #surroundings: Surroundings;
  readonly #arrive: (cargo: Cargo) => void;
  #parcels: Parcel[] = [];
  #lastDueUs = 0;
  #timer: Timer | null = null;

  constructor(name: string, surroundings: Surroundings, arrive: (cargo: Cargo) => void) {
    this.#name = name;
    this.#surroundings = surroundings;
    this.#arrive = arrive;
  }

  push(cargo: Cargo): void {
    const { clock, path } = this.#surroundings;
    this.#lastDueUs = Math.max(this.#lastDueUs, clock.nowUs() + Math.ceil(path.delay() * 1000));
    this.#parcels.push({ ...cargo, dueUs: this.#lastDueUs, hasLeft: !path.isSilent() });
    this.#arm();
  }

  /** The path works again: what was held back leaves now and takes its time. */
  resume(): void {
    const { clock, path } = this.#surroundings;
    if (this.#parcels.length === 0) return;
    let dueUs = clock.nowUs() + Math.ceil(path.delay() * 1000);
    this.#parcels = this.#parcels.map((parcel) => {
      dueUs = Math.max(dueUs, parcel.dueUs);
      return { ...parcel, dueUs, hasLeft: true };
    });
    this.#lastDueUs = dueUs;
    this.#timer?.cancel();
    this.#timer = null;
    this.#arm();
  }

  /** Nothing more will arrive. */
  clear(): void {
    this.#surroundings.traffic.lost += this.#parcels.filter((parcel) => parcel.kind === 'message').length;
    this.#parcels = [];
    this.#timer?.cancel();
    this.#timer = null;
  }

  queuedBytes(): number {
    let total = 0;
    for (const parcel of this.#parcels) if (!parcel.hasLeft && parcel.kind === 'message') total += parcel.text.length;
    return total;
  }

  #arm(): void {
    const head = this.#parcels[0];
    if (this.#timer !== null || head === undefined || this.#surroundings.path.isSilent()) return;
    const wait = Math.max(0, head.dueUs - this.#surroundings.clock.nowUs());
    this.#timer = this.#surroundings.clock.setTimer(this.#name, ms(wait / 1000), () => this.#deliver());
  }

  #deliver(): void {
    this.#timer = null;
    if (this.#surroundings.path.isSilent()) return;
    const parcel = this.#parcels.shift();
    this.#arm();
    if (parcel !== undefined) this.#arrive(parcel);
  }
}

/** `dead`: the process that held it is gone, so nobody is there to be told anything. */
type EndState = 'open' | 'closed' | 'dead';

/** One end of a link. `place` says whose. */
export class VirtualLinkEnd implements TransportLink {
  readonly place: string;
  readonly #surroundings: Surroundings;
  #state: EndState = 'open';
  #listener: TransportListener | null = null;
  #outgoing: Line | null = null;
  #farewell: Timer | null = null;

  constructor(place: string, surroundings: Surroundings) {
    this.place = place;
    this.#surroundings = surroundings;
  }

  /** Joins it to its line; done once, by `createVirtualLink`. */
  attach(outgoing: Line): void {
    this.#outgoing = outgoing;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  send(text: string): boolean {
    if (this.#state !== 'open' || this.#outgoing === null) return false;
    const { traffic, queueBytesMax } = this.#surroundings;
    const queued = this.#outgoing.queuedBytes() + (this.#surroundings.path.isSilent() ? text.length : 0);
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
  }

  /** Own timer, as a socket library's event comes in a turn of its own. */
  #end(code: number, reason: string): void {
    this.#state = 'closed';
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
  /** Cuts it so that both ends are told. */
  sever(): void;
  /** Whether anybody still holds an end. */
  isUsed(): boolean;
}

/** Joins two places. */
export function createVirtualLink(dialledBy: string, acceptedBy: string, surroundings: Surroundings): VirtualLink {
  const dialled = new VirtualLinkEnd(dialledBy, surroundings);
  const accepted = new VirtualLinkEnd(acceptedBy, surroundings);
  const forth = new Line(`network ${dialledBy} → ${acceptedBy}`, surroundings, (cargo) => accepted.arrive(cargo));
  const back = new Line(`network ${acceptedBy} → ${dialledBy}`, surroundings, (cargo) => dialled.arrive(cargo));
  dialled.attach(forth);
  accepted.attach(back);
  return {
    dialled,
    accepted,
    resume() {
      forth.resume();
      back.resume();
    },
    sever() {
      dialled.sever();
      accepted.sever();
    },
    isUsed: () => dialled.isOpen() || accepted.isOpen(),
  };
}
