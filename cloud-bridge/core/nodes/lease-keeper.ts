/**
 * Who is home, kept up: renews the lease while it is this bridge's, and takes it when its holder is gone. Time is this
 * bridge's own monotonic clock; what the others' beats do on it is all that counts.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { HouseholdLease, LeaseView } from '../ports/household-lease.ts';
import { LEASE_EVERY, LEASE_HELD_FOR, LEASE_LOST_AFTER } from './node-limits.ts';

const US_PER_MS = 1_000;

export interface LeaseKeeperPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lease: HouseholdLease;
}

export interface LeaseKeeperView {
  /** It is this bridge's, in that term. Nothing else is told before it resolves. */
  taken(term: number): Promise<void>;
  /** It is not this bridge's any more. */
  lost(): Promise<void>;
  /** Somebody else has it. */
  held(node: string): void;
}

export class LeaseKeeper {
  readonly #ports: LeaseKeeperPorts;
  readonly #view: LeaseKeeperView;
  readonly #node: string;
  readonly #turns = createSerialLock();
  #timer: Timer | null = null;
  #term: number | null = null;
  #renewedAtUs = 0;
  #seen: LeaseView | null = null;
  #seenAtUs = 0;
  #isStopped = false;

  constructor(ports: LeaseKeeperPorts, view: LeaseKeeperView, node: string) {
    this.#ports = ports;
    this.#view = view;
    this.#node = node;
  }

  /** Looks once, and goes on. Rejects with what the store rejects with: without it a bridge must not start. */
  async start(): Promise<void> {
    await this.#turns.run(() => this.#look());
    this.#lookLater();
  }

  /** Gives up what it has. Twice is harmless. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#turns.run(async () => {
      const term = this.#term;
      this.#term = null;
      if (term === null) return;
      await this.#view.lost();
      await this.#ports.lease.release(term);
    });
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#timer = this.#ports.clock.setTimer('household-lease', LEASE_EVERY, () => {
      void this.#turns.run(() => this.#tryLook()).then(() => this.#lookLater());
    });
  }

  async #tryLook(): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#look();
    } catch (cause) {
      this.#ports.logger.warn('node.lease-unread', { reason: toTonearmError(cause).message });
      if (this.#term !== null && this.#sinceMs(this.#renewedAtUs) >= LEASE_HELD_FOR) await this.#lose();
    }
  }

  async #look(): Promise<void> {
    const { clock, lease } = this.#ports;
    if (this.#term !== null) {
      const atUs = clock.nowUs();
      if (await lease.renew(this.#term)) this.#renewedAtUs = atUs;
      else await this.#lose();
      return;
    }
    const view = await lease.read();
    if (this.#seen?.term !== view.term || this.#seen.beats !== view.beats || this.#seen.node !== view.node) {
      this.#seen = view;
      this.#seenAtUs = clock.nowUs();
    }
    // Under its own name it is what a former life of this bridge has left.
    const isFree = view.node === null || view.node === this.#node;
    if (isFree || this.#sinceMs(this.#seenAtUs) >= LEASE_LOST_AFTER) await this.#take(view);
    else if (view.node !== null) this.#view.held(view.node);
  }

  async #take(view: LeaseView): Promise<void> {
    const atUs = this.#ports.clock.nowUs();
    const term = await this.#ports.lease.take(this.#node, view);
    if (term === null) return;
    this.#term = term;
    this.#renewedAtUs = atUs;
    this.#seen = null;
    try {
      await this.#view.taken(term);
    } catch (cause) {
      // Who has the lease and is no home would keep the others from being it.
      this.#term = null;
      await this.#ports.lease.release(term);
      throw cause;
    }
  }

  async #lose(): Promise<void> {
    this.#term = null;
    this.#seen = null;
    await this.#view.lost();
  }

  #sinceMs(atUs: number): number {
    return (this.#ports.clock.nowUs() - atUs) / US_PER_MS;
  }
}
