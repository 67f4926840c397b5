/**
 * One way through a simulated network, for all that goes that way together: a link of a rate on which flows take turns
 * packet by packet, and behind it a line in which each packet is for as long as the way is. Pure but for the clock, so that
 * it is the same in virtual time.
 *
 * TCP is passed as bytes, below which the kernel's own TCP goes on undisturbed: what a lost packet costs is therefore a
 * delay, that of a fast retransmission where more follows it and of a time-out where it is the last; nothing of the flow
 * overtakes it. What is not modelled is that a sender slows down after a loss.
 */
import { TimerHeap } from '#protocol/kit/timer-heap';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { ms } from '#protocol/vocabulary/units';
import { CLEAR_PATH, type PathConditions } from './conditions.ts';
import { LatenessMeter } from './lateness-meter.ts';
import { PACKET_BYTES, PacketLuck } from './packet-luck.ts';

/** On a slow link packets are taken in pieces of so much time, or one would hold it for a second. */
const PIECE_MS = 20;
const PIECE_BYTES_LEAST = 64;
/** Taken at once where no rate divides it: what a socket gives in one read. */
const UNDIVIDED_BYTES = 65_536;
/** A packet due within this is on time: timers count whole milliseconds, and this halves what they are off by. */
const EARLY_US = 500;
/** A link whose timer was late makes up for as much as this; a longer pause of this program is lost, as it is on a link. */
const CATCH_UP_US = 20_000;
/** Linux: TCP_RTO_MIN. */
const RETRANSMIT_LEAST_US = 200_000;
const RETRANSMITS_MAX = 6;
/** Datagrams on their way at once; a stream is bounded by its window. */
const LINE_PACKETS_MAX = 100_000;
/** By how much a packet that is overtaken stays behind, beyond the jitter. */
const OVERTAKEN_US = 10_000;
/** What a path takes ahead of sending it, per flow; the sender is then held, as by a window that is full. */
const WINDOW_BYTES_LEAST = 65_536;
const WINDOW_BYTES_MOST = 4 * 1024 * 1024;

/** What one connection has to send this way. */
export interface Flow {
  /** Next first. Of a stream packets may be cut from it; a datagram is one packet. Empty ones are signs and keep their place. */
  readonly waiting: Uint8Array[];
  readonly isStream: boolean;
  /** Nothing of it comes out before this instant: its connection is not open yet at the other end. */
  readonly notBeforeUs?: number;
  /** In order for a stream. */
  deliver(packet: Uint8Array): void;
}

interface FlowPlace {
  /** When the last packet of this flow comes out; nothing of a stream comes before it. */
  lastDueUs: number;
  isQueued: boolean;
}

export interface PathCounts {
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly corrupted: number;
}

export class ShapedPath {
  readonly #clock: Clock;
  readonly #luck: PacketLuck;
  #conditions: PathConditions = CLEAR_PATH;
  /** With something waiting, next in turn first. */
  readonly #turns: Flow[] = [];
  readonly #places = new Map<Flow, FlowPlace>();
  readonly #line = new TimerHeap();
  #freeAtUs = 0;
  #isHeld = false;
  /** When it was last held: what is late for that is not late. */
  #heldUntilUs = 0;
  #corruptNext = 0;
  #timer: Timer | null = null;
  #counts = { bytes: 0, packets: 0, lost: 0, corrupted: 0 };
  /** How late packets came out, against when they were due, µs. */
  readonly lateness = new LatenessMeter();

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = ports.clock;
    this.#luck = new PacketLuck(ports.random);
  }

  get counts(): PathCounts {
    return this.#counts;
  }

  /** How much a flow may have given to this path before its source is asked to wait. */
  get windowBytes(): number {
    const { kbps, delayMs } = this.#conditions;
    if (kbps === null) return delayMs === 0 ? WINDOW_BYTES_LEAST : WINDOW_BYTES_MOST;
    return Math.min(WINDOW_BYTES_MOST, Math.max(WINDOW_BYTES_LEAST, (kbps * delayMs) / 4));
  }

  /** Holds from now on: for what has not left the link yet. */
  set(conditions: PathConditions): void {
    this.#wake();
    this.#conditions = conditions;
    this.#pump();
  }

  /** While held nothing leaves, and nothing is lost: a plug that is pulled, as TCP sees it. */
  hold(isHeld: boolean): void {
    this.#wake();
    if (this.#isHeld) this.#heldUntilUs = this.#clock.nowUs();
    this.#isHeld = isHeld;
    this.#pump();
  }

  /** One bit of each of the next packets will be wrong. */
  corruptNext(packets: number): void {
    this.#corruptNext += packets;
  }

  /** Something that will not come: a datagram that found no room, a piece that was swallowed. */
  drop(): void {
    this.#counts.lost += 1;
  }

  /** To be called when something was put to a flow's waiting. */
  offer(flow: Flow): void {
    const place = this.#places.get(flow) ?? { lastDueUs: flow.notBeforeUs ?? 0, isQueued: false };
    this.#places.set(flow, place);
    if (this.#turns.length === 0) this.#freeAtUs = Math.max(this.#freeAtUs, this.#clock.nowUs());
    if (!place.isQueued) this.#turns.push(flow);
    place.isQueued = true;
    this.#pump();
  }

  /** What of it is on its way is not delivered any more. */
  forget(flow: Flow): void {
    this.#places.delete(flow);
    const turn = this.#turns.indexOf(flow);
    if (turn >= 0) this.#turns.splice(turn, 1);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#turns.length = 0;
    this.#places.clear();
  }

  /** Time in which nothing could pass is not made up for. */
  #wake(): void {
    if (this.#isHeld || !this.#conditions.kbps) this.#freeAtUs = Math.max(this.#freeAtUs, this.#clock.nowUs());
  }

  #pump(): void {
    if (!this.#isHeld) {
      this.#sendAll();
      this.#deliverAll();
    }
    // Only now: what was delivered may have led to more, and to a timer for it.
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#isHeld) return;
    const nowUs = this.#clock.nowUs();
    const canSend = this.#turns.length > 0 && this.#conditions.kbps !== 0;
    const nextUs = Math.min(this.#line.first()?.dueUs ?? Infinity, canSend ? this.#freeAtUs : Infinity);
    if (nextUs === Infinity) return;
    const wait = ms(Math.max(0, nextUs - EARLY_US - nowUs) / 1_000);
    this.#timer = this.#clock.setTimer('shaped-path', wait, () => this.#pump());
  }

  #sendAll(): void {
    if (this.#conditions.kbps === 0) return;
    const nowUs = this.#clock.nowUs() + EARLY_US;
    this.#freeAtUs = Math.max(this.#freeAtUs, nowUs - EARLY_US - CATCH_UP_US);
    while (this.#turns.length > 0 && this.#freeAtUs <= nowUs) this.#sendOne();
  }

  /** One packet of the flow whose turn it is. */
  #sendOne(): void {
    const flow = this.#turns.shift();
    const place = flow === undefined ? undefined : this.#places.get(flow);
    const packet = flow === undefined ? undefined : takePacket(flow, this.#packetBytes());
    if (flow === undefined || place === undefined || packet === undefined) {
      if (place !== undefined) place.isQueued = false;
      return;
    }
    place.isQueued = flow.waiting.length > 0;
    if (place.isQueued) this.#turns.push(flow);
    const nowUs = this.#clock.nowUs();
    const { kbps } = this.#conditions;
    const tookUs = kbps === null ? 0 : (packet.length * 8_000) / kbps;
    this.#freeAtUs = kbps === null ? nowUs : this.#freeAtUs + tookUs;
    const leavesUs = kbps === null ? nowUs : this.#freeAtUs;
    if (flow.isStream) this.#sendOfStream(flow, place, packet, { leavesUs, tookUs });
    else this.#sendDatagram(flow, place, packet, leavesUs);
  }

  #sendOfStream(
    flow: Flow,
    place: FlowPlace,
    packet: Uint8Array,
    { leavesUs, tookUs }: { readonly leavesUs: number; readonly tookUs: number },
  ): void {
    let dueUs = leavesUs + this.#luck.delayUs(this.#conditions);
    for (let attempt = 0; attempt < RETRANSMITS_MAX && this.#luck.isPieceLost(packet, this.#conditions); attempt += 1) {
      this.#counts.lost += 1;
      this.#freeAtUs += tookUs;
      dueUs += tookUs + this.#retransmitUs(flow, attempt);
    }
    place.lastDueUs = Math.max(place.lastDueUs, dueUs);
    this.#enqueue(flow, place, this.#perhapsCorrupted(packet), place.lastDueUs);
  }

  #sendDatagram(flow: Flow, place: FlowPlace, packet: Uint8Array, leavesUs: number): void {
    const { duplicateShare, reorderShare, lossShare } = this.#conditions;
    if (this.#luck.happens(lossShare) || this.#line.length >= LINE_PACKETS_MAX) {
      this.drop();
      return;
    }
    const isOvertaken = this.#luck.happens(reorderShare);
    const extraUs = isOvertaken ? OVERTAKEN_US + 2_000 * this.#conditions.jitterMs : 0;
    const copies = this.#luck.happens(duplicateShare) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#enqueue(
        flow,
        place,
        this.#perhapsCorrupted(packet),
        leavesUs + this.#luck.delayUs(this.#conditions) + extraUs,
      );
    }
  }

  #enqueue(flow: Flow, place: FlowPlace, packet: Uint8Array, dueUs: number): void {
    this.#line.add('packet', dueUs, () => {
      if (this.#places.get(flow) !== place) return;
      this.lateness.note(this.#clock.nowUs() - Math.max(dueUs, this.#heldUntilUs));
      this.#counts.bytes += packet.length;
      this.#counts.packets += 1;
      flow.deliver(packet);
    });
  }

  #deliverAll(): void {
    const untilUs = this.#clock.nowUs() + EARLY_US;
    for (let next = this.#line.first(); next !== undefined && next.dueUs <= untilUs; next = this.#line.first()) {
      this.#line.remove(next);
      next.callback();
    }
  }

  #packetBytes(): number {
    const { kbps, lossShare, corruptShare } = this.#conditions;
    if (kbps !== null) return Math.round(Math.min(PACKET_BYTES, Math.max(PIECE_BYTES_LEAST, (kbps * PIECE_MS) / 8)));
    return lossShare + corruptShare > 0 ? PACKET_BYTES : UNDIVIDED_BYTES;
  }

  /** What a lost packet of a stream costs: its receiver asks for it again when more comes, else the sender's time runs out. */
  #retransmitUs(flow: Flow, attempt: number): number {
    const roundTripUs = 2_000 * this.#conditions.delayMs;
    if (attempt === 0 && flow.waiting.length > 0) return roundTripUs;
    return Math.max(RETRANSMIT_LEAST_US, 2 * roundTripUs) * 2 ** attempt;
  }

  #perhapsCorrupted(packet: Uint8Array): Uint8Array {
    if (packet.length === 0 || !(this.#corruptNext > 0 || this.#luck.happens(this.#conditions.corruptShare)))
      return packet;
    this.#corruptNext = Math.max(0, this.#corruptNext - 1);
    this.#counts.corrupted += 1;
    return this.#luck.spoil(packet);
  }
}

function takePacket(flow: Flow, most: number): Uint8Array | undefined {
  const first = flow.waiting.shift();
  if (first === undefined || !flow.isStream || first.length <= most) return first;
  flow.waiting.unshift(first.subarray(most));
  return first.subarray(0, most);
}
