/**
 * The local network's name service, in virtual time: who advertises is found by who browses, two of the same name are
 * told apart, and one that dies without a goodbye is forgotten only when its record has run out, as with real mDNS.
 *
 * The names on the air belong to the air, not to one process: `createVirtualAir` once, `discoveryAt` for each process.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type {
  Advertiser,
  AdvertiserListener,
  BrowseListener,
  Discovery,
  FoundService,
  ServiceDescription,
} from '#protocol/ports/discovery';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';

/** Three probes 250 ms apart before a name is one's own (RFC 6762 section 8.1). */
const PROBING: Ms = ms(750);
const PROPAGATION: Ms = ms(20);
/** Life of a host's records (RFC 6762 section 10): how long a dead one is still believed in. */
const RECORD_LIFE: Ms = ms(120_000);
/** Who has heard nothing asks again after a second, and then each time later (RFC 6762 section 5.2). */
const ASKED_AGAIN_AFTER: Ms = ms(1_000);
const ASKED_AGAIN_MAX = 6;
/** Renamings tried before giving up, as "Name (2)", "Name (3)", …. */
const RENAMINGS_MAX = 500;
/** Begins the names of timers that outlive whoever died: its records run out. */
export const EXPIRY_TIMER = 'discovery expiry';
const SERVICES_MAX = 400;

interface Announced {
  readonly place: string;
  readonly service: FoundService;
}

interface Browsing {
  readonly place: string;
  readonly type: string;
  readonly listener: BrowseListener;
  /** Names this browser was told of and has not been told are gone. */
  readonly known: Map<string, FoundService>;
}

export interface VirtualAir {
  /** @param host what others find as the service's host and address */
  discoveryAt(place: string, host: string): Discovery;
  /** The process dies without a goodbye: its names live on until they run out. */
  kill(place: string): void;
  /** Nothing multicast gets to or from the place; what was known there stays known until it runs out. */
  cut(place: string): void;
  heal(place: string): void;
  /** Of what is said here, from 0 to 1: not heard, and heard when it is asked for again. */
  lossRate: number;
  /** Goodbyes are not heard: who stops is believed in until its record runs out. */
  isDeafToGoodbyes: boolean;
  /** A machine that knows no manners takes a name, whoever has it; who had it must find another. @returns ends it */
  squat(service: ServiceDescription, host: string): () => void;
  /** Names of a type on the air, in the order in which they were announced. */
  names(type: string): string[];
}

/** @param random for what is lost; drawn from only while anything is */
export function createVirtualAir(clock: Clock, random: SeededRandom = new SeededRandom(0)): VirtualAir {
  return new Air(clock, random);
}

class Air implements VirtualAir {
  lossRate = 0;
  isDeafToGoodbyes = false;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #announced = new Map<string, Announced>();
  readonly #browsing = new Set<Browsing>();
  readonly #cut = new Set<string>();
  readonly #advertisers = new Set<VirtualAdvertiser>();

  constructor(clock: Clock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  discoveryAt(place: string, host: string): Discovery {
    return {
      advertise: (service, listener) => {
        const advertiser = new VirtualAdvertiser(
          this.#clock,
          place,
          {
            announce: (name) => this.#announce(place, host, { ...service, name }),
            withdraw: (name) => this.#withdraw(place, service.type, name),
            isTaken: (name) => this.#isTaken(place, service.type, name),
            keyOf: (name) => keyOf({ type: service.type, name }),
          },
          service.name,
          listener,
        );
        this.#advertisers.add(advertiser);
        return advertiser;
      },
      browse: (type, listener) => this.#browse(place, type, listener),
    };
  }

  kill(place: string): void {
    for (const advertiser of this.#advertisers) if (advertiser.place === place) advertiser.die();
    for (const browsing of this.#browsing) if (browsing.place === place) this.#browsing.delete(browsing);
    for (const [key, announced] of this.#announced) if (announced.place === place) this.#expireLater(key, announced);
  }

  squat(service: ServiceDescription, host: string): () => void {
    const place = `squatter ${host}`;
    this.#announce(place, host, service);
    for (const advertiser of this.#advertisers) advertiser.conflict(keyOf(service));
    return () => this.#withdraw(place, service.type, service.name);
  }

  cut(place: string): void {
    this.#cut.add(place);
  }

  heal(place: string): void {
    this.#cut.delete(place);
    // Two that took one name while they could not hear one another: who is not believed in any more finds another.
    for (const advertiser of this.#advertisers) {
      const holder = advertiser.key === null ? undefined : this.#announced.get(advertiser.key);
      if (holder !== undefined && holder.place !== advertiser.place) advertiser.conflict(keyOf(holder.service));
    }
    for (const browsing of this.#browsing) this.#refresh(browsing);
  }

  names(type: string): string[] {
    return [...this.#announced.values()]
      .filter(({ service }) => service.type === type)
      .map(({ service }) => service.name);
  }

  #browse(place: string, type: string, listener: BrowseListener): { stop(): void } {
    const browsing: Browsing = { place, type, listener, known: new Map() };
    this.#browsing.add(browsing);
    this.#refresh(browsing);
    return { stop: () => void this.#browsing.delete(browsing) };
  }

  #announce(place: string, host: string, service: ServiceDescription): void {
    const address = `${host}.local`;
    const found: FoundService = { ...service, host: address, addresses: [host] };
    this.#announced.set(keyOf(service), { place, service: found });
    assert(this.#announced.size <= SERVICES_MAX, `at most ${SERVICES_MAX} services are on the air`);
    for (const browsing of this.#browsing) this.#refresh(browsing);
  }

  #withdraw(place: string, type: string, name: string): void {
    const key = keyOf({ type, name });
    const announced = this.#announced.get(key);
    if (announced?.place !== place) return;
    if (this.isDeafToGoodbyes) {
      this.#expireLater(key, announced);
      return;
    }
    this.#announced.delete(key);
    for (const browsing of this.#browsing) this.#refresh(browsing);
  }

  #expireLater(key: string, announced: Announced): void {
    this.#soon(`${EXPIRY_TIMER} ${key}`, RECORD_LIFE, () => this.#expire(key, announced));
  }

  #expire(key: string, announced: Announced): void {
    if (this.#announced.get(key) !== announced) return;
    this.#announced.delete(key);
    for (const browsing of this.#browsing) this.#refresh(browsing);
  }

  #isTaken(place: string, type: string, name: string): boolean {
    const holder = this.#announced.get(keyOf({ type, name }));
    return holder !== undefined && holder.place !== place && !this.#cut.has(place) && !this.#cut.has(holder.place);
  }

  /** Tells a browser, a little later, how what it hears differs from what it knows. */
  #refresh(browsing: Browsing): void {
    this.#soon(`discovery news for ${browsing.place}`, this.#heardAfter(), () => {
      if (!this.#browsing.has(browsing) || this.#cut.has(browsing.place)) return;
      const audible = new Map<string, FoundService>();
      for (const { place, service } of this.#announced.values()) {
        if (service.type === browsing.type && !this.#cut.has(place)) audible.set(service.name, service);
      }
      for (const [name, service] of audible) {
        if (browsing.known.get(name) === service) continue;
        browsing.known.set(name, service);
        browsing.listener.found(service);
      }
      for (const name of [...browsing.known.keys()]) {
        if (audible.has(name) || this.#isCutHolder(browsing.type, name)) continue;
        browsing.known.delete(name);
        browsing.listener.lost(name);
      }
    });
  }

  /** At once, or when it is asked for again. */
  #heardAfter(): Ms {
    let after: number = PROPAGATION;
    for (let asked = 0; asked < ASKED_AGAIN_MAX && this.lossRate > 0; asked += 1) {
      if (!this.#random.chance(this.lossRate)) break;
      after += ASKED_AGAIN_AFTER * 2 ** asked;
    }
    return ms(after);
  }

  /** Still announced, merely out of earshot: a browser goes on believing in it. */
  #isCutHolder(type: string, name: string): boolean {
    const holder = this.#announced.get(keyOf({ type, name }));
    return holder !== undefined && this.#cut.has(holder.place);
  }

  #soon(name: string, delay: Ms, task: () => void): Timer {
    return this.#clock.setTimer(name, delay, task);
  }
}

function keyOf(service: { readonly type: string; readonly name: string }): string {
  return `${service.type}/${service.name}`;
}

interface AirView {
  announce(name: string): void;
  withdraw(name: string): void;
  isTaken(name: string): boolean;
  keyOf(name: string): string;
}

/** Probes for a free name, announces it, says goodbye. */
class VirtualAdvertiser implements Advertiser {
  readonly place: string;
  readonly #clock: Clock;
  readonly #air: AirView;
  readonly #wanted: string;
  readonly #listener: AdvertiserListener;
  #state: 'idle' | 'probing' | 'announced' = 'idle';
  #name: string;
  #probe: Timer | null = null;

  constructor(clock: Clock, place: string, air: AirView, wanted: string, listener: AdvertiserListener) {
    this.place = place;
    this.#clock = clock;
    this.#air = air;
    this.#wanted = wanted;
    this.#name = wanted;
    this.#listener = listener;
  }

  /** What it is announced as; null while it is not. */
  get key(): string | null {
    return this.#state === 'announced' ? this.#air.keyOf(this.#name) : null;
  }

  start(): void {
    if (this.#state === 'idle') this.#seek();
  }

  /** Another one has this name: probes for one that is free, if it is its own. */
  conflict(key: string): void {
    if (this.key === key) this.#seek();
  }

  #seek(): void {
    this.#state = 'probing';
    this.#probe = this.#clock.setTimer(`discovery probe ${this.#wanted}`, PROBING, () => this.#settle());
  }

  async stop(): Promise<void> {
    this.#probe?.cancel();
    const wasAnnounced = this.#state === 'announced';
    this.#state = 'idle';
    if (wasAnnounced) this.#air.withdraw(this.#name);
  }

  die(): void {
    this.#probe?.cancel();
    this.#state = 'idle';
  }

  #settle(): void {
    for (let attempt = 1; attempt <= RENAMINGS_MAX; attempt += 1) {
      this.#name = attempt === 1 ? this.#wanted : `${this.#wanted} (${attempt})`;
      if (this.#air.isTaken(this.#name)) continue;
      this.#state = 'announced';
      this.#air.announce(this.#name);
      this.#listener.announced(this.#name);
      return;
    }
    this.#state = 'idle';
    this.#listener.failed(`no free name after ${RENAMINGS_MAX} renamings of ${this.#wanted}`);
  }
}
