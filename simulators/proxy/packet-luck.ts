/** What happens to a packet by chance, drawn from one seeded source: whether it is lost, how long it takes, which bit is wrong. */
import type { Random } from '#protocol/ports/random';
import type { PathConditions } from './conditions.ts';

/** Payload of a TCP packet on Ethernet. */
export const PACKET_BYTES = 1_460;

export class PacketLuck {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Draws nothing where there is nothing to draw. */
  happens(share: number): boolean {
    return share > 0 && this.#random.fraction() < share;
  }

  /** A piece of a packet is lost as rarely as the packet that it would be part of. */
  isPieceLost({ length }: Uint8Array, { lossShare }: PathConditions): boolean {
    return this.happens(lossShare * Math.min(1, length / PACKET_BYTES));
  }

  delayUs({ delayMs, jitterMs }: PathConditions): number {
    if (jitterMs === 0) return delayMs * 1_000;
    return Math.max(0, delayMs + (this.#random.fraction() * 2 - 1) * jitterMs) * 1_000;
  }

  /** A copy with one bit wrong. @param packet of at least a byte */
  spoil(packet: Uint8Array): Uint8Array {
    const wrong = Uint8Array.from(packet);
    const at = Math.floor(this.#random.fraction() * packet.length);
    wrong[at] = (wrong[at] ?? 0) ^ (1 << Math.floor(this.#random.fraction() * 8));
    return wrong;
  }
}
