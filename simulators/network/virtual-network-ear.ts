/** Twin of the kernel's word that the machine's network has changed: the test says it, or that nobody says it any more. */
import type { NetworkEar, NetworkEarListener, OpenNetworkEar } from '#device/adapters/interface-watch/network-ear';

export class VirtualNetworkEar implements NetworkEar {
  /** Whether it can be opened from now on. */
  isDeaf = false;
  readonly #open = new Set<NetworkEarListener>();

  get openCount(): number {
    return this.#open.size;
  }

  open(listener: NetworkEarListener): OpenNetworkEar | null {
    if (this.isDeaf) return null;
    // Of its own, so that one that listens twice is told twice.
    const own = { ...listener };
    this.#open.add(own);
    return { close: () => void this.#open.delete(own) };
  }

  say(): void {
    for (const listener of [...this.#open]) listener.heard();
  }

  end(): void {
    for (const listener of [...this.#open]) listener.ended();
  }
}
