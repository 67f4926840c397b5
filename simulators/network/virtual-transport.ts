/**
 * A network of places that dial one another, in virtual time: what a household's WiFi, a bridge's crash or a router that
 * forgets its connections look like to the two cores. Faults are commands (`cut`, `heal`, `kill`), so a scenario reads
 * as what happened.
 *
 * A place is a process or an address, by name. Two places reach one another when neither is cut.
 */
import { base64url } from '#protocol/kit/base64url';
import type { Clock } from '#protocol/ports/clock';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { SeededRandom } from '#sim/world/seeded-random';
import { VirtualDial } from './virtual-dial.ts';
import { createVirtualLink, type TrafficCount, type VirtualLink, type VirtualPath } from './virtual-link.ts';

/** One way. A home's WiFi: a few milliseconds, more when it is busy. */
const LATENCY_DEFAULT: Ms = ms(3);
const JITTER_DEFAULT: Ms = ms(4);
/** Bytes one end may hold back on a silent path, as a socket's send queue is bounded. */
const QUEUE_BYTES_DEFAULT = 1024 * 1024;
/** Links that may be open at once; more is a leak in what is being simulated. */
const LINKS_MAX = 2_000;
/** A TCP handshake and an HTTP upgrade: two round trips. */
const TRIPS_TO_OPEN = 4;

export interface VirtualNetworkOptions {
  readonly latency?: Ms;
  /** Added to the latency, uniform from 0 to this. */
  readonly jitter?: Ms;
  readonly queueBytesMax?: number;
}

/** `silent`: packets vanish, nobody is told. `reset`: every link breaks at once with 1006 and dials are refused. */
export type CutKind = 'silent' | 'reset';

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
  /** The process at the place dies: nobody listens there, its ends are gone, its peers see 1006. */
  kill(place: string): void;
  /** How a request from one place to another would fare now. `nobody`: the place is there, and nothing listens. */
  wayTo(from: string, address: string): 'open' | 'nobody' | 'reset' | 'silent';
  /** How long the next message is under way. */
  delay(): Ms;
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
  readonly #listening = new Map<string, Listening>();
  readonly #cuts = new Map<string, CutKind>();
  readonly #waitingDials = new Set<VirtualDial>();
  readonly #traffic: TrafficCount = { sent: 0, delivered: 0, lost: 0, refused: 0, queuedBytesPeak: 0 };
  #links: VirtualLink[] = [];
  #dials = 0;
  #dialsRefused = 0;
  #linksOpened = 0;

  constructor(clock: Clock, random: SeededRandom, options: VirtualNetworkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#latency = options.latency ?? LATENCY_DEFAULT;
    this.#jitter = options.jitter ?? JITTER_DEFAULT;
    this.#queueBytesMax = options.queueBytesMax ?? QUEUE_BYTES_DEFAULT;
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
    this.#cuts.set(place, kind);
    if (kind === 'reset') this.breakLinks(place);
  }

  heal(place: string): void {
    this.#cuts.delete(place);
    for (const link of this.#linksOf(place)) link.resume();
    for (const dial of [...this.#waitingDials]) dial.retry();
  }

  kill(place: string): void {
    this.#listening.delete(place);
    for (const dial of [...this.#waitingDials]) if (dial.from === place) dial.cancel();
    for (const link of this.#linksOf(place)) {
      for (const end of [link.dialled, link.accepted]) if (end.place === place) end.die();
    }
  }

  breakLinks(place: string): void {
    for (const link of this.#linksOf(place)) link.sever();
  }

  wayTo(from: string, address: string): 'open' | 'nobody' | 'reset' | 'silent' {
    const cuts = [this.#cuts.get(from), this.#cuts.get(address)];
    if (cuts.includes('reset')) return 'reset';
    if (cuts.includes('silent')) return 'silent';
    return this.#listening.has(address) ? 'open' : 'nobody';
  }

  delay(): Ms {
    return ms(this.#latency + this.#random.fraction() * this.#jitter);
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
    const dial = new VirtualDial(from, address, this.#clock, {
      delay: () => ms(this.delay() * TRIPS_TO_OPEN),
      answer: () => this.#answer(from, address, pin),
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
    if (way === 'silent') return 'nothing';
    const listening = this.#listening.get(address);
    if (way !== 'open' || listening === undefined) return 'refused';
    if (pin !== undefined && listening.pin !== base64url(pin)) return 'stranger';
    const path: VirtualPath = {
      delay: () => this.delay(),
      isSilent: () => this.wayTo(from, address) === 'silent',
    };
    const surroundings = { clock: this.#clock, path, traffic: this.#traffic, queueBytesMax: this.#queueBytesMax };
    const link = createVirtualLink(from, address, surroundings);
    this.#forgetUnused();
    this.#links.push(link);
    this.#linksOpened += 1;
    assert(this.#links.length <= LINKS_MAX, `at most ${LINKS_MAX} links are open at once`);
    listening.accept(link.accepted);
    return link;
  }

  #linksOf(place: string): VirtualLink[] {
    return this.#links.filter((link) => link.dialled.place === place || link.accepted.place === place);
  }

  /** An end that was closed on a silent path still owes the other its farewell, so both must be done. */
  #forgetUnused(): void {
    this.#links = this.#links.filter((link) => link.isUsed());
  }
}
