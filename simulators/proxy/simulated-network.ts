/**
 * The network that a proxy simulates, without its sockets: both ways, what holds on them now, and what goes wrong. What
 * holds is the profile, over it the stretch of the trace that it is time for, over that what somebody has told it since.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import type { NetworkTrace } from '#sim/network/trace';
import { applyConditions, type Conditions, type ConditionsChange } from './conditions.ts';
import { type PathCounts, ShapedPath } from './shaped-path.ts';

export const WAYS = ['up', 'down'] as const;
export type Way = (typeof WAYS)[number];
/**
 * How a way is cut. `hold`: a plug is pulled; nothing passes, and what was sent comes when it is mended, as TCP has it.
 * `swallow`: somebody in between has forgotten the connections; what is sent is taken and lost (half-open), and once it is
 * mended the connections that have lost something are reset. `reset`: connections are reset, new ones too.
 */
export const CUTS = ['hold', 'swallow', 'reset'] as const;
export type CutKind = (typeof CUTS)[number];
/** Upstream is slower than downstream where a trace tells of one of them: by this much, as with mobile and cable links. */
const UP_PART = 0.4;
const MS_PER_MINUTE = 60_000;

/** How a network is, without anybody's doing. */
export interface NetworkPlan {
  readonly base: Conditions;
  /** What the way down carries over time, and how long both ways are where it says so; begins again at its end. */
  readonly trace: NetworkTrace | null;
}

/** A connection, as far as the network does something to it. */
export interface NetworkConnection {
  /** Whether something of it has been swallowed. */
  readonly hasHole: boolean;
  /** Both ends, at once. */
  reset(): void;
}

export type NetworkEvent =
  | { readonly kind: 'cut'; readonly way: Way | 'both'; readonly cut: CutKind }
  | { readonly kind: 'healed' }
  | { readonly kind: 'reset'; readonly connections: number }
  | { readonly kind: 'stalled'; readonly forMs: number }
  /** After a stall. */
  | { readonly kind: 'flowing' };

export interface NetworkState {
  readonly conditions: Conditions;
  readonly cuts: Readonly<Record<Way, CutKind | null>>;
  readonly isStalled: boolean;
  readonly connections: number;
  readonly opened: number;
  readonly resets: number;
  readonly ways: Readonly<
    Record<Way, PathCounts & { readonly lateMs: { readonly p99: number; readonly worst: number } }>
  >;
}

export interface NetworkPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Told what goes wrong and what is mended. */
  readonly told?: (event: NetworkEvent) => void;
}

export class SimulatedNetwork {
  readonly up: ShapedPath;
  readonly down: ShapedPath;
  readonly #ports: NetworkPorts;
  readonly #plan: NetworkPlan;
  readonly #connections = new Set<NetworkConnection>();
  readonly #startUs: number;
  readonly #timers: Record<'trace' | 'reset' | 'stall' | 'stallEnd', Timer | null> = {
    trace: null,
    reset: null,
    stall: null,
    stallEnd: null,
  };
  #stretch: ConditionsChange = {};
  #told: ConditionsChange = {};
  #conditions: Conditions;
  #cuts: Record<Way, CutKind | null> = { up: null, down: null };
  #isStalled = false;
  #opened = 0;
  #resets = 0;

  constructor(ports: NetworkPorts, plan: NetworkPlan) {
    this.#ports = ports;
    this.#plan = plan;
    this.up = new ShapedPath(ports);
    this.down = new ShapedPath(ports);
    this.#startUs = ports.clock.nowUs();
    this.#conditions = plan.base;
    this.#playTrace();
    this.#settle(true);
  }

  get conditions(): Conditions {
    return this.#conditions;
  }

  /** Whether a connection that is opened now is reset at once. */
  get isRefusing(): boolean {
    return this.#cuts.up === 'reset' || this.#cuts.down === 'reset';
  }

  /** Whether what goes this way is taken and lost. */
  swallows(way: Way): boolean {
    return this.#cuts[way] === 'swallow';
  }

  /** Whether a datagram that goes this way comes to nothing: nobody keeps it until a cut is mended. */
  dropsDatagrams(way: Way): boolean {
    return this.#isStalled || this.#cuts[way] !== null;
  }

  /** @returns to be called when it is closed */
  enter(connection: NetworkConnection): () => void {
    this.#connections.add(connection);
    this.#opened += 1;
    return () => this.#connections.delete(connection);
  }

  state(): NetworkState {
    const of = (path: ShapedPath) => ({
      ...path.counts,
      lateMs: { p99: path.lateness.shareWithinMs(0.99), worst: path.lateness.worstMs },
    });
    return {
      conditions: this.#conditions,
      cuts: { ...this.#cuts },
      isStalled: this.#isStalled,
      connections: this.#connections.size,
      opened: this.#opened,
      resets: this.#resets,
      ways: { up: of(this.up), down: of(this.down) },
    };
  }

  /** Holds from now on, also over what the profile and its trace say. */
  change(change: ConditionsChange): void {
    const { up, down, ...others } = change;
    this.#told = {
      ...this.#told,
      ...others,
      up: { ...this.#told.up, ...up },
      down: { ...this.#told.down, ...down },
    };
    const hasOtherChances = others.resetsPerMinute !== undefined || others.stallsPerMinute !== undefined;
    this.#settle(hasOtherChances);
  }

  /** @throws TonearmError input.invalid for a reset of one way: it ends a connection both ways */
  cut(way: Way | 'both', cut: CutKind): void {
    if (cut === 'reset' && way !== 'both') {
      throw new TonearmError('input.invalid', 'a reset has no direction: it ends both ways', { field: 'direction' });
    }
    for (const each of WAYS) if (way === 'both' || way === each) this.#cuts[each] = cut;
    this.#hold();
    this.#ports.told?.({ kind: 'cut', way, cut });
    if (cut === 'reset') this.resetConnections();
  }

  heal(): void {
    this.#cuts = { up: null, down: null };
    this.#isStalled = false;
    // Who has missed something can only be told that there is no such connection any more.
    this.#reset([...this.#connections].filter(({ hasHole }) => hasHole));
    this.#hold();
    this.#ports.told?.({ kind: 'healed' });
  }

  /** @returns how many there were */
  resetConnections(): number {
    return this.#reset([...this.#connections]);
  }

  corruptNext(way: Way, packets: number): void {
    this[way].corruptNext(packets);
  }

  close(): void {
    for (const timer of Object.values(this.#timers)) timer?.cancel();
    this.up.close();
    this.down.close();
  }

  #reset(connections: readonly NetworkConnection[]): number {
    for (const connection of connections) connection.reset();
    this.#resets += connections.length;
    if (connections.length > 0) this.#ports.told?.({ kind: 'reset', connections: connections.length });
    return connections.length;
  }

  #playTrace(): void {
    const { trace } = this.#plan;
    if (trace === null) return;
    const at = ms((this.#ports.clock.nowUs() - this.#startUs) / 1_000);
    const { bandwidth_kbps: kbps, latency_ms: delayMs } = trace.at(at);
    const delay = delayMs === undefined ? {} : { delayMs };
    this.#stretch = { down: { kbps, ...delay }, up: { kbps: kbps * UP_PART, ...delay } };
    this.#settle(false);
    const wait = ms(Math.max(0, trace.endOfStretch(at) - at));
    this.#timers.trace = this.#ports.clock.setTimer('network-trace', wait, () => this.#playTrace());
  }

  #settle(hasOtherChances: boolean): void {
    this.#conditions = applyConditions(applyConditions(this.#plan.base, this.#stretch), this.#told);
    this.up.set(this.#conditions.up);
    this.down.set(this.#conditions.down);
    if (!hasOtherChances) return;
    this.#byChance('reset', this.#conditions.resetsPerMinute, () => this.#resetOne());
    this.#byChance('stall', this.#conditions.stallsPerMinute, () => this.#stall());
  }

  /** Again and again, at times that know nothing of each other. */
  #byChance(name: 'reset' | 'stall', perMinute: number, act: () => void): void {
    this.#timers[name]?.cancel();
    this.#timers[name] = null;
    if (perMinute === 0) return;
    const wait = ms((-Math.log(1 - this.#ports.random.fraction()) * MS_PER_MINUTE) / perMinute);
    this.#timers[name] = this.#ports.clock.setTimer(`network-${name}`, wait, () => {
      act();
      this.#byChance(name, perMinute, act);
    });
  }

  #resetOne(): void {
    const all = [...this.#connections];
    const one = all[Math.floor(this.#ports.random.fraction() * all.length)];
    if (one !== undefined) this.#reset([one]);
  }

  #stall(): void {
    const { stallMs } = this.#conditions;
    this.#isStalled = true;
    this.#hold();
    this.#ports.told?.({ kind: 'stalled', forMs: stallMs });
    this.#timers.stallEnd?.cancel();
    this.#timers.stallEnd = this.#ports.clock.setTimer('network-stall', ms(stallMs), () => {
      this.#isStalled = false;
      this.#hold();
      this.#ports.told?.({ kind: 'flowing' });
    });
  }

  #hold(): void {
    for (const way of WAYS) this[way].hold(this.#isStalled || this.#cuts[way] === 'hold');
  }
}
