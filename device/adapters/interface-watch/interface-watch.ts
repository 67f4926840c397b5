/**
 * Compares the machine's addresses now and then. The kernel would tell at once, over a kind of socket that Node has not;
 * reading the addresses costs 50 µs.
 */
import { networkInterfaces } from 'node:os';
import type { NetworkWatch, NetworkWatching } from '#device/core/ports/network-watch';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

/** How late a change is noticed at most. */
export const COMPARE_EVERY_MS = ms(500);

/** @param addresses of the machine, in any order; another than the system's own for tests */
export function createInterfaceWatch(clock: Clock, addresses: () => readonly string[] = ownAddresses): NetworkWatch {
  return {
    watch: (changed): NetworkWatching => {
      let seen = keyOf(addresses());
      let timer: Timer | null = null;
      const arm = (): void => {
        timer = clock.setTimer('network-watch', COMPARE_EVERY_MS, () => {
          arm();
          const now = keyOf(addresses());
          if (now === seen) return;
          seen = now;
          changed();
        });
      };
      arm();
      return { stop: () => timer?.cancel() };
    },
  };
}

/** Those by which others reach it; what is the machine's alone says nothing of a network. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ internal }) => !internal).map(({ address }) => address);
}

function keyOf(addresses: readonly string[]): string {
  return [...addresses].sort().join(' ');
}
