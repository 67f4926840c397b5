/**
 * A network of places that dial one another, in virtual time: what a household's WiFi, a bridge's crash or a router that
 * forgets its connections look like to the two cores. Faults are commands (`cut`, `heal`, `kill`), so a scenario reads
 * as what happened.
 *
 * A place is a process or an address, by name. Two places reach one another when neither is cut and the way is not parted.
 */
import { base64url } from '#protocol/kit/base64url';
import type { Clock } from '#protocol/ports/clock';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { SeededRandom } from '#sim/world/seeded-random';
import { type LinkShape, LinkShapes, type RequestFate } from './link-shape.ts';
import { VirtualDial } from './virtual-dial.ts';
import type { TrafficCount, VirtualPath } from './virtual-line.ts';
import { createVirtualLink, type VirtualLink, type VirtualLinkEnd } from './virtual-link.ts';
import { type NameAnswer, VirtualNames } from './virtual-names.ts';
import { type CutKind, VirtualReach } from './virtual-reach.ts';

export type { CutKind } from './virtual-reach.ts';

/** One way. A home's WiFi: a few milliseconds, more when it is busy. */
const LATENCY_DEFAULT: Ms = ms(3);
const JITTER_DEFAULT: Ms = ms(4);
/** Bytes one end may hold back on a silent path, as a socket's send queue is bounded. */
const QUEUE_BYTES_DEFAULT = 1024 * 1024;
/** Links that may be open at once, unless a crowd is simulated; more is a leak in what is. */
const LINKS_MAX_DEFAULT = 2_000;
const FORGET_AT_LEAST = 64;
/** A TCP handshake and an HTTP upgrade: two round trips. */
const TRIPS_TO_OPEN = 4;

export interface VirtualNetworkOptions {
  readonly latency?: Ms;
  /** Added to the latency, uniform from 0 to this. */
  readonly jitter?: Ms;
  readonly queueBytesMax?: number;
  /** Links that may be open at once. */
  readonly linksMax?: number;
}

export interface NetworkStatistics extends Readonly<TrafficCount> {
  readonly dials: number;
  readonly dialsRefused: number;
  readonly linksOpened: number;
  readonly linksOpen: number;
}

export interface VirtualNetwork {
  /** Dials from a place without a name of its own. */
  readonly dialer: TransportDialer;
  dialerAt(place: string): TransportDialer;
  /**
   * Accepts at `address`. @param pin of the certificate that answers there; absent: no TLS
   * @returns stops accepting; links that are open stay
   */
  listen(address: string, accept: (link: TransportLink) => void, pin?: Uint8Array): () => void;
  /** Nothing gets to or from the place until `heal`. */
  cut(place: string, kind: CutKind): void;
  heal(place: string): void;
  /** Nothing gets from one place to another until `rejoin`, this way alone; `ANYWHERE` stands for every place. */
  part(from: string, to: string): void;
  rejoin(from: string, to: string): void;
  /** What the place's own link is like; null: as good as the network. */
  shape(place: string, shape: LinkShape | null): void;
  /** The process at the place dies: nobody listens there, its ends are gone, its peers see 1006. */
  kill(place: string): void;
  /** The machine at the place loses its power: as `kill`, and its peers are not told. */
  vanish(place: string): void;
  /** What is between the place and its peers forgets their links: both ends are open and nothing gets through them. */
  forgetLinks(place: string): void;
  /** What names mean here, and what is wrong with asking. */
  readonly names: VirtualNames;
  /**
   * How a request from one place to another, or the answer to it, would fare now. `nobody`: the place is there, and
   * nothing listens.
   */
  wayTo(from: string, address: string, leg?: 'question' | 'answer'): 'open' | 'nobody' | 'reset' | 'silent';
  /** How long the next message is under way. */
  delay(from: string, to: string, sizeBytes: number): Ms;
  /** What becomes of the next request. */
  fate(from: string, to: string): RequestFate;
  /** Whether a link joins the place to one of the others now that carries both ways, as fast as the network is. */
  joins(place: string, others: readonly string[]): boolean;
  /** Tells one process at an address from the next one there; null while nothing listens. */
  listenerAt(address: string): object | null;
  /** Breaks the links of a place once, as a router that restarts; new dials work. */
  breakLinks(place: string): void;
  statistics(): NetworkStatistics;
}

interface Listening {
  readonly accept: (link: TransportLink) => void;
  readonly pin: string | null;
}

/** Nothing happens before something listens and something dials. `random` decides each message's delay. */
export function createVirtualNetwork(
  clock: Clock,
  random: SeededRandom,
  options: VirtualNetworkOptions = {},
): VirtualNetwork {
  return new Network(clock, random, options);
}

class Network implements VirtualNetwork {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #latency: Ms;
  readonly #jitter: Ms;
  readonly #queueBytesMax: number;
  readonly #linksMax: number;
  readonly #listening = new Map<string, Listening>();
  readonly #reach = new VirtualReach();
  readonly #shapes: LinkShapes;
  readonly names = new VirtualNames();
  readonly #waitingDials = new Set<VirtualDial>();
  readonly #traffic: TrafficCount = { sent: 0, delivered: 0, lost: 0, refused: 0, queuedBytesPeak: 0 };
  #links: VirtualLink[] = [];
  /** At so many, those that nobody uses are looked for. */
  #forgetAt = FORGET_AT_LEAST;
  #dials = 0;
  #dialsRefused = 0;
  #linksOpened = 0;

  constructor(clock: Clock, random: SeededRandom, options: VirtualNetworkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#shapes = new LinkShapes(clock, random.fork('shapes'));
    this.#latency = options.latency ?? LATENCY_DEFAULT;
    this.#jitter = options.jitter ?? JITTER_DEFAULT;
    this.#queueBytesMax = options.queueBytesMax ?? QUEUE_BYTES_DEFAULT;
    this.#linksMax = options.linksMax ?? LINKS_MAX_DEFAULT;
  }

  get dialer(): TransportDialer {
    return this.dialerAt('somewhere');
  }

  dialerAt(place: string): TransportDialer {
    return { dial: (address, pin) => this.#dial(place, address, pin) };
  }

  listen(address: string, accept: (link: TransportLink) => void, pin?: Uint8Array): () => void {
    assert(!this.#listening.has(address), `nobody else listens at ${address}`);
    const listening: Listening = { accept, pin: pin === undefined ? null : base64url(pin) };
    this.#listening.set(address, listening);
    return () => {
      if (this.#listening.get(address) === listening) this.#listening.delete(address);
    };
  }

  cut(place: string, kind: CutKind): void {
    this.#reach.cut(place, kind);
    if (kind === 'reset') this.breakLinks(place);
  }

  heal(place: string): void {
    this.#reach.heal(place);
    this.#goOn(this.#linksOf(place));
  }

  part(from: string, to: string): void {
    this.#reach.part(from, to);
  }

  rejoin(from: string, to: string): void {
    this.#reach.rejoin(from, to);
    this.#goOn(this.#links);
  }

  shape(place: string, shape: LinkShape | null): void {
    this.#shapes.set(place, shape);
    for (const link of this.#linksOf(place)) link.startOver();
  }

  kill(place: string): void {
    for (const end of this.#endsAt(place)) end.die();
  }

  vanish(place: string): void {
    for (const link of this.#linksOf(place)) link.forget();
    for (const end of this.#endsAt(place)) end.vanish();
  }

  forgetLinks(place: string): void {
    for (const link of this.#linksOf(place)) link.forget();
  }

  breakLinks(place: string): void {
    for (const link of this.#linksOf(place)) link.sever();
  }

  wayTo(
    from: string,
    address: string,
    leg: 'question' | 'answer' = 'question',
  ): 'open' | 'nobody' | 'reset' | 'silent' {
    if (this.#reach.isReset(from, address)) return 'reset';
    const isSilent = leg === 'question' ? this.#reach.isSilent(from, address) : this.#reach.isSilent(address, from);
    if (isSilent) return 'silent';
    return this.#listening.has(address) ? 'open' : 'nobody';
  }

  delay(from: string, to: string, sizeBytes: number): Ms {
    return ms(this.#latency + this.#random.fraction() * this.#jitter + this.#shapes.delay(from, to, sizeBytes));
  }

  fate(from: string, to: string): RequestFate {
    return this.#shapes.fate(from, to);
  }

  joins(place: string, others: readonly string[]): boolean {
    if ([place, ...others].some((it) => this.#shapes.isShaped(it))) return false;
    return this.#links.some(
      (link) => link.dialled.place === place && others.includes(link.accepted.place) && link.isWhole(),
    );
  }

  listenerAt(address: string): object | null {
    return this.#listening.get(address) ?? null;
  }

  statistics(): NetworkStatistics {
    this.#forgetUnused();
    return {
      ...this.#traffic,
      dials: this.#dials,
      dialsRefused: this.#dialsRefused,
      linksOpened: this.#linksOpened,
      linksOpen: this.#links.length,
    };
  }

  #dial(from: string, address: string, pin: Uint8Array | undefined): DialAttempt {
    this.#dials += 1;
    let meant: NameAnswer = { address, takes: ms(0) };
    const dial = new VirtualDial(from, address, this.#clock, {
      delay: () => {
        meant = this.names.lookUp(from, address);
        return ms(meant.takes + this.delay(from, meant.address ?? address, 0) * TRIPS_TO_OPEN);
      },
      answer: () => (meant.address === null ? 'refused' : this.#answer(from, meant.address, pin)),
      ended: (isOpen) => {
        this.#waitingDials.delete(dial);
        if (!isOpen) this.#dialsRefused += 1;
      },
    });
    this.#waitingDials.add(dial);
    dial.retry();
    return { outcome: dial.outcome, cancel: () => dial.cancel() };
  }

  /** What the far side says to a dial now: a link, a refusal, or nothing at all. */
  #answer(
    from: string,
    address: string,
    pin: Uint8Array | undefined,
  ): VirtualLink | 'refused' | 'stranger' | 'nothing' {
    const way = this.wayTo(from, address);
    if (way === 'silent' || this.#reach.isSilent(address, from)) return 'nothing';
    const listening = this.#listening.get(address);
    if (way !== 'open' || listening === undefined) return 'refused';
    if (pin !== undefined && listening.pin !== base64url(pin)) return 'stranger';
    const surroundings = { clock: this.#clock, traffic: this.#traffic, queueBytesMax: this.#queueBytesMax };
    const paths = { forth: this.#path(from, address), back: this.#path(address, from) };
    const link = createVirtualLink(from, address, surroundings, paths);
    if (this.#links.length >= this.#forgetAt) this.#forgetUnused();
    this.#links.push(link);
    this.#linksOpened += 1;
    assert(this.#links.length <= this.#linksMax, `at most ${this.#linksMax} links are open at once`);
    listening.accept(link.accepted);
    return link;
  }

  #path(from: string, to: string): VirtualPath {
    return {
      delay: (sizeBytes) => this.delay(from, to, sizeBytes),
      isSilent: () => this.#reach.isSilent(from, to),
    };
  }

  #goOn(links: readonly VirtualLink[]): void {
    for (const link of links) link.resume();
    for (const dial of [...this.#waitingDials]) dial.retry();
  }

  /** The process at the place is gone: nobody listens or dials there any more. @returns the ends that it held */
  #endsAt(place: string): readonly VirtualLinkEnd[] {
    this.#listening.delete(place);
    this.names.forget(place);
    for (const dial of [...this.#waitingDials]) if (dial.from === place) dial.cancel();
    return this.#linksOf(place).flatMap(({ dialled, accepted }) =>
      [dialled, accepted].filter((end) => end.place === place),
    );
  }

  #linksOf(place: string): VirtualLink[] {
    return this.#links.filter((link) => link.dialled.place === place || link.accepted.place === place);
  }

  /** An end that was closed on a silent path still owes the other its farewell, so both must be done. */
  #forgetUnused(): void {
    this.#links = this.#links.filter((link) => link.isUsed());
    this.#forgetAt = Math.min(this.#linksMax, Math.max(FORGET_AT_LEAST, 2 * this.#links.length));
  }
}
