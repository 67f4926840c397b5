/**
 * Compares the machine's addresses when the kernel says that there is something to see, and now and then in case its word
 * was lost. Where it says nothing they are compared all the time, which is 7 % of what a playing speaker computes.
 */
import { networkInterfaces } from 'node:os';
import type { NetworkWatch, NetworkWatching } from '#device/core/ports/network-watch';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import type { NetworkEar, OpenNetworkEar } from './network-ear.ts';

/** From the kernel's word until the addresses are read: another address is two words, the old one gone and the new one come. */
export const COMPARE_AFTER_MS = ms(100);
/** Where the kernel is heard. Its word may be lost, or kept from a container. */
export const COMPARE_ANYWAY_EVERY_MS = ms(60_000);
/** Where it is not: how late a change is noticed at most. */
export const POLL_EVERY_MS = ms(500);

/** @param addresses of the machine, in any order; another than the system's own for tests */
export function createInterfaceWatch(
  clock: Clock,
  ear: NetworkEar,
  addresses: () => readonly string[] = ownAddresses,
): NetworkWatch {
  return {
    watch: (changed) => {
      const watching = new InterfaceWatching(clock, { keyOf: () => keyOf(addresses()), changed });
      watching.start(ear);
      return watching;
    },
  };
}

interface Watched {
  /** The same as long as the addresses are. */
  keyOf(): string;
  changed(): void;
}

class InterfaceWatching implements NetworkWatching {
  readonly #clock: Clock;
  readonly #watched: Watched;
  #seen = '';
  /** Null while the kernel is not heard. */
  #ear: OpenNetworkEar | null = null;
  /** When they are compared whatever is heard. */
  #regular: Timer | null = null;
  /** When they are compared because of what was heard. */
  #pause: Timer | null = null;

  constructor(clock: Clock, watched: Watched) {
    this.#clock = clock;
    this.#watched = watched;
  }

  start(ear: NetworkEar): void {
    // Before the first look, so that no change falls between the two.
    this.#ear = ear.open({ heard: () => this.#heard(), ended: () => this.#ended() });
    this.#seen = this.#watched.keyOf();
    this.#arm();
  }

  stop(): void {
    this.#regular?.cancel();
    this.#pause?.cancel();
    this.#ear?.close();
    this.#ear = null;
  }

  #arm(): void {
    const every = this.#ear === null ? POLL_EVERY_MS : COMPARE_ANYWAY_EVERY_MS;
    this.#regular = this.#clock.setTimer('network-watch', every, () => {
      this.#arm();
      this.#compare();
    });
  }

  #heard(): void {
    this.#pause ??= this.#clock.setTimer('network-watch.pause', COMPARE_AFTER_MS, () => {
      this.#pause = null;
      this.#compare();
    });
  }

  #ended(): void {
    this.#ear?.close();
    this.#ear = null;
    this.#regular?.cancel();
    this.#arm();
  }

  #compare(): void {
    const now = this.#watched.keyOf();
    if (now === this.#seen) return;
    this.#seen = now;
    this.#watched.changed();
  }
}

/** Those by which others reach it; what is the machine's alone says nothing of a network. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ internal }) => !internal).map(({ address }) => address);
}

function keyOf(addresses: readonly string[]): string {
  return [...addresses].sort().join(' ');
}
