/**
 * One way of a link in virtual time: messages under way, first in, first out. It stands still while its path is silent,
 * and then goes on, as TCP does; nothing overtakes, whatever the jitter.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** The network on the way from one place to another, as a line needs it. */
export interface VirtualPath {
  /** How long the next message is under way. */
  delay(sizeBytes: number): Ms;
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

/** What a sender hands to the line. */
export type Cargo =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

type Parcel = Cargo & { readonly dueUs: number; readonly hasLeft: boolean };

export interface LineSurroundings {
  readonly clock: Clock;
  readonly traffic: TrafficCount;
  readonly queueBytesMax: number;
}

const US_PER_MS = 1_000;

export class VirtualLine {
  readonly path: VirtualPath;
  readonly #name: string;
  readonly #surroundings: LineSurroundings;
  readonly #arrive: (cargo: Cargo) => void;
  #parcels: Parcel[] = [];
  #lastDueUs = 0;
  #timer: Timer | null = null;

  /** @param name of its timers */
  constructor(name: string, surroundings: LineSurroundings, path: VirtualPath, arrive: (cargo: Cargo) => void) {
    this.#name = name;
    this.#surroundings = surroundings;
    this.path = path;
    this.#arrive = arrive;
  }

  push(cargo: Cargo): void {
    this.#lastDueUs = Math.max(this.#lastDueUs, this.#arrivalUs(cargo));
    this.#parcels.push({ ...cargo, dueUs: this.#lastDueUs, hasLeft: !this.path.isSilent() });
    this.#arm();
  }

  /** The path works again: what was held back leaves now and takes its time. */
  resume(): void {
    if (this.#parcels.length === 0 || this.path.isSilent()) return;
    let dueUs = this.#surroundings.clock.nowUs() + Math.ceil(this.path.delay(0) * US_PER_MS);
    this.#retime((parcel) => {
      dueUs = Math.max(dueUs, parcel.dueUs);
      return dueUs;
    });
  }

  /** The path has become another one: what is under way takes the time that it now takes. */
  startOver(): void {
    if (this.#parcels.length === 0 || this.path.isSilent()) return;
    let dueUs = 0;
    this.#retime((parcel) => {
      dueUs = Math.max(dueUs, this.#arrivalUs(parcel));
      return dueUs;
    });
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

  #arrivalUs(cargo: Cargo): number {
    const sizeBytes = cargo.kind === 'message' ? cargo.text.length : 0;
    return this.#surroundings.clock.nowUs() + Math.ceil(this.path.delay(sizeBytes) * US_PER_MS);
  }

  #retime(dueUsOf: (parcel: Parcel) => number): void {
    this.#parcels = this.#parcels.map((parcel) => ({ ...parcel, dueUs: dueUsOf(parcel), hasLeft: true }));
    this.#lastDueUs = this.#parcels.at(-1)?.dueUs ?? this.#lastDueUs;
    this.#timer?.cancel();
    this.#timer = null;
    this.#arm();
  }

  #arm(): void {
    const head = this.#parcels[0];
    if (this.#timer !== null || head === undefined || this.path.isSilent()) return;
    const wait = Math.max(0, head.dueUs - this.#surroundings.clock.nowUs());
    this.#timer = this.#surroundings.clock.setTimer(this.#name, ms(wait / US_PER_MS), () => this.#deliver());
  }

  #deliver(): void {
    this.#timer = null;
    if (this.path.isSilent()) return;
    const parcel = this.#parcels.shift();
    this.#arm();
    if (parcel !== undefined) this.#arrive(parcel);
  }
}
