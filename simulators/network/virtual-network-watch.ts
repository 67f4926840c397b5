/** Twin of a network watch: the test says when the machine's addresses change, and it is told at once. */
import type { NetworkWatch, NetworkWatching } from '#device/core/ports/network-watch';

export class VirtualNetworkWatch implements NetworkWatch {
  readonly #listeners = new Set<() => void>();

  watch(changed: () => void): NetworkWatching {
    // A function of its own, so that one that watches twice is told twice.
    const listener = () => changed();
    this.#listeners.add(listener);
    return { stop: () => void this.#listeners.delete(listener) };
  }

  change(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
