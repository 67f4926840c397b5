/**
 * The long way: bytes given to it come out after half a round trip, no faster than its rate, connections in turn packet
 * by packet. Upwards (requests) only the time counts.
 */
import { monotonicMs } from '../monotonic.ts';
import type { FarEdgeSettings } from './far-edge-settings.ts';

const PACKET_BYTES = 1_460;
/** A packet due within this is on time: a timer is only as fine as a millisecond, and mostly late. */
const EARLY_MS = 0.3;

/** What one connection has waiting for its turn. */
export interface FarFlow {
  readonly waiting: Buffer[];
  deliver(packet: Buffer): void;
}

interface Due {
  readonly atMs: number;
  readonly act: () => void;
}

export class FarPath {
  readonly #settings: () => FarEdgeSettings;
  /** With something waiting, next in turn first. */
  readonly #flows: FarFlow[] = [];
  /** In order of their times, which only grow as long as the round trip stays. */
  readonly #due: Due[] = [];
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: () => FarEdgeSettings) {
    this.#settings = settings;
  }

  /** Does that after half a round trip, and not before `notBeforeMs` plus that. */
  later(notBeforeMs: number, act: () => void): void {
    const halfMs = this.#settings().roundTripMs / 2;
    const wait = Math.max(monotonicMs(), notBeforeMs) + halfMs - monotonicMs();
    setTimeout(act, wait);
  }

  /** To be called when something was put to a flow's waiting. */
  offer(flow: FarFlow): void {
    if (!this.#flows.includes(flow)) this.#flows.push(flow);
    this.#pump();
  }

  forget(flow: FarFlow): void {
    const index = this.#flows.indexOf(flow);
    if (index >= 0) this.#flows.splice(index, 1);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = monotonicMs() + EARLY_MS;
    while (this.#flows.length > 0 && this.#freeAtMs <= now) this.#send();
    while ((this.#due[0]?.atMs ?? Number.POSITIVE_INFINITY) <= now) this.#due.shift()?.act();
    const nextMs = Math.min(this.#due[0]?.atMs ?? Infinity, this.#flows.length > 0 ? this.#freeAtMs : Infinity);
    if (nextMs === Infinity) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(0, nextMs - monotonicMs()));
  }

  /** One packet of the flow whose turn it is. */
  #send(): void {
    const { roundTripMs, bytesPerSecond } = this.#settings();
    const flow = this.#flows.shift();
    const packet = flow === undefined ? undefined : takePacket(flow.waiting);
    if (flow === undefined || packet === undefined) return;
    if (flow.waiting.length > 0) this.#flows.push(flow);
    const tookMs = bytesPerSecond === 0 ? 0 : (packet.length * 1000) / bytesPerSecond;
    // A link that was late for a moment makes up for it, as one that was never late: EARLY_MS bounds how much.
    const startMs = Math.max(this.#freeAtMs, monotonicMs() - 2);
    this.#freeAtMs = startMs + tookMs;
    this.#due.push({ atMs: this.#freeAtMs + roundTripMs / 2, act: () => flow.deliver(packet) });
  }
}

function takePacket(waiting: Buffer[]): Buffer | undefined {
  const first = waiting.shift();
  if (first === undefined || first.length <= PACKET_BYTES) return first;
  waiting.unshift(first.subarray(PACKET_BYTES));
  return first.subarray(0, PACKET_BYTES);
}
