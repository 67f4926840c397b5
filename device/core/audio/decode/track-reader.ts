/**
 * Reads one track from a position to its exact end: segments from the shelf, packets from the demuxer, samples from a
 * decoder. Pull-based: it decodes one packet when it is asked and holds nothing ahead but one demuxed segment.
 *
 * The pre-roll before the position is decoded and thrown away, the pre-skip and what lies beyond the track's duration are
 * cut, so that the first frame given is the position asked for and the last one is the track's last.
 *
 * At each segment's boundary the route says in which quality to go on. The last few milliseconds before a boundary are
 * kept back until that is known, since they are where one quality fades into the other.
 */
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type Frames, frames } from '#protocol/vocabulary/units';
import { heldOnShelf } from '../cache/held-on-shelf.ts';
import type { SegmentShelf } from '../cache/segment-shelf.ts';
import { PACKET_FRAMES_MAX } from '../demux/opus-packet.ts';
import { demuxSegment, type Packet } from '../demux/segment-demuxer.ts';
import { type HeldRungs, nextRung, type RoutePoint } from '../manifest/rung-route.ts';
import {
  endStreamFrames,
  planDecodeStart,
  type SegmentPlan,
  segmentStartStreamFrames,
} from '../manifest/segment-plan.ts';
import type { TrackPlan } from '../manifest/track-plan.ts';
import type { PcmBlock, ReadOutcome } from './pcm-block.ts';
import { fadeInto, SEAM_FRAMES, settleOn } from './seam.ts';

export interface TrackReaderListener {
  /** A held segment of this quality did not open; it is held no more. */
  segmentCorrupt(rung: number, segment: number): void;
  /** A packet became silence. */
  packetCorrupt(positionFrames: Frames): void;
  /** The track cannot be read any further; reads give `missing` from now on. */
  failed(error: TonearmError): void;
}

export interface TrackReader {
  /** Decodes at most one audible packet. */
  read(): ReadOutcome;
  /** The segment that the next read needs. */
  segment(): number;
  /** Frees the decoder. Twice is harmless. */
  close(): void;
}

/** A reader that says in which quality it reads. */
export interface PlacedReader extends TrackReader {
  /** The segment that the next read needs, and the quality of the one before it. */
  place(): RoutePoint;
}

const CHANNELS = 2;
const MISSING: ReadOutcome = { kind: 'missing' };
const ENDED: ReadOutcome = { kind: 'ended' };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface ReaderPorts {
  readonly shelf: SegmentShelf;
  readonly decoders: PacketDecoderFactory;
}

export function createTrackReader(
  ports: ReaderPorts,
  track: { readonly plan: TrackPlan; readonly positionFrames: Frames },
  listener: TrackReaderListener,
): PlacedReader {
  return new ShelfReader(ports, track, listener);
}

class ShelfReader implements PlacedReader {
  readonly #ports: ReaderPorts;
  readonly #plan: TrackPlan;
  readonly #held: HeldRungs;
  readonly #listener: TrackReaderListener;
  readonly #decodeFrom: number;
  readonly #endStream: number;
  readonly #block: Mutable<PcmBlock>;
  readonly #outcome: ReadOutcome;
  readonly #tail = new Float32Array(SEAM_FRAMES * CHANNELS);
  /** Frames in `#tail`: decoded, and given when it is known what follows them. */
  #tailFrames = 0;
  #decoder: PacketDecoder;
  /** Stream frame of the next frame to be given. */
  #at: number;
  #segment: number;
  #rung: number | null = null;
  #packets: readonly Packet[] = [];
  #nextPacket = 0;
  #hasFailed = false;
  #isClosed = false;

  constructor(
    ports: ReaderPorts,
    track: { readonly plan: TrackPlan; readonly positionFrames: Frames },
    listener: TrackReaderListener,
  ) {
    this.#ports = ports;
    this.#plan = track.plan;
    this.#held = heldOnShelf(ports.shelf, track.plan);
    this.#listener = listener;
    this.#decoder = ports.decoders.create();
    const start = planDecodeStart(track.plan.best, track.positionFrames);
    this.#segment = start.segment;
    this.#decodeFrom = start.decodeFromStreamFrames;
    this.#at = start.hearFromStreamFrames;
    this.#endStream = endStreamFrames(track.plan.best);
    this.#block = {
      samples: new Float32Array(PACKET_FRAMES_MAX * CHANNELS),
      offsetFrames: 0,
      countFrames: 0,
      positionFrames: track.positionFrames,
      isConcealed: false,
    };
    this.#outcome = { kind: 'block', block: this.#block };
  }

  segment(): number {
    return this.#segment;
  }

  place(): RoutePoint {
    return { segment: this.#segment, rung: this.#rung };
  }

  read(): ReadOutcome {
    if (this.#isClosed || this.#at >= this.#endStream) return ENDED;
    if (this.#hasFailed) return MISSING;
    // Bounded by what a file can hold before the position: one segment and the pre-roll.
    for (;;) {
      const packet = this.#packets[this.#nextPacket];
      if (packet === undefined) {
        if (!this.#openNextSegment()) return MISSING;
        if (this.#tailFrames > 0) return this.#giveTail();
        continue;
      }
      this.#nextPacket += 1;
      const end = packet.startStreamFrames + packet.frames;
      if (end <= this.#decodeFrom) continue;
      this.#block.isConcealed = !this.#decode(packet);
      if (end > this.#at && this.#giveUpToTail(packet)) return this.#outcome;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#packets = [];
    this.#decoder.close();
  }

  /** Opens the next segment into packets; false when it is missing, or the reader has failed. */
  #openNextSegment(): boolean {
    if (this.#segment >= this.#plan.best.segmentCount) {
      this.#fail(new TonearmError('demux.malformed', 'the file ends before the duration that its manifest names'));
      return false;
    }
    const rung = nextRung(this.#held, this.place());
    if (rung === null) return false;
    if (this.#rung !== null && rung !== this.#rung && !this.#enter(rung)) return false;
    const packets = this.#open(rung, this.#segment);
    if (packets === null) return false;
    this.#packets = packets;
    this.#nextPacket = 0;
    this.#segment += 1;
    this.#rung = rung;
    return true;
  }

  /** Puts a decoder of another quality in the place of the one that has come to the boundary; false when it cannot. */
  #enter(rung: number): boolean {
    const before = this.#open(rung, this.#segment - 1);
    if (before === null) return false;
    let decoder: PacketDecoder;
    try {
      decoder = this.#ports.decoders.create();
    } catch (thrown) {
      this.#fail(toTonearmError(thrown, 'decode.unavailable'));
      return false;
    }
    this.#decoder.close();
    this.#decoder = decoder;
    this.#rung = rung;
    const freshFrames = settleOn(decoder, before, this.#block.samples);
    fadeInto(this.#tail, this.#tailFrames, this.#block.samples, freshFrames);
    return true;
  }

  /** Null when it is missing, or the reader has failed. */
  #open(rung: number, segment: number): readonly Packet[] | null {
    const plan = this.#plan.rungs[rung];
    if (plan === undefined) throw new RangeError(`no rung ${rung} of ${this.#plan.rungs.length}`);
    const opened = this.#ports.shelf.open(plan, segment);
    if (opened.kind === 'corrupt') this.#listener.segmentCorrupt(rung, segment);
    if (opened.kind !== 'opened') return null;
    const demuxed = demuxSegment(opened.plain, {
      hasHeaders: segment === 0,
      startStreamFrames: segmentStartStreamFrames(plan, segment),
      preSkipFrames: plan.file.preSkipFrames,
    });
    const problem = demuxed.ok ? lengthProblem(plan, segment, demuxed.value) : demuxed.error;
    if (demuxed.ok && problem === null) return demuxed.value;
    this.#fail(problem ?? new TonearmError('demux.malformed', 'unreadable segment'));
    return null;
  }

  /** False when the packet became silence. */
  #decode(packet: Packet): boolean {
    const decoded = this.#decoder.decode(packet.bytes, this.#block.samples);
    if (decoded.ok && decoded.value === packet.frames) return true;
    this.#block.samples.fill(0, 0, packet.frames * CHANNELS);
    this.#listener.packetCorrupt(frames(Math.max(0, packet.startStreamFrames - this.#plan.best.file.preSkipFrames)));
    return false;
  }

  /** Gives what was decoded but for what is kept back before a boundary; false when that is all of it. */
  #giveUpToTail(packet: Packet): boolean {
    const end = packet.startStreamFrames + packet.frames;
    const isLastOfSegment = this.#nextPacket === this.#packets.length && this.#segment < this.#plan.best.segmentCount;
    const tailFrames = isLastOfSegment && end < this.#endStream ? Math.min(SEAM_FRAMES, end - this.#at) : 0;
    const giveTo = Math.min(end, this.#endStream) - tailFrames;
    const offset = this.#at - packet.startStreamFrames;
    if (tailFrames > 0) {
      const from = (packet.frames - tailFrames) * CHANNELS;
      this.#tail.set(this.#block.samples.subarray(from, from + tailFrames * CHANNELS));
      this.#tailFrames = tailFrames;
    }
    if (giveTo <= this.#at) return false;
    this.#give(offset, giveTo);
    return true;
  }

  #giveTail(): ReadOutcome {
    this.#block.samples.set(this.#tail.subarray(0, this.#tailFrames * CHANNELS));
    const end = this.#at + this.#tailFrames;
    this.#tailFrames = 0;
    this.#give(0, end);
    return this.#outcome;
  }

  #give(offsetFrames: number, endStreamFrame: number): void {
    const block = this.#block;
    block.offsetFrames = offsetFrames;
    block.countFrames = endStreamFrame - this.#at;
    block.positionFrames = frames(this.#at - this.#plan.best.file.preSkipFrames);
    this.#at = endStreamFrame;
  }

  #fail(error: TonearmError): void {
    this.#hasFailed = true;
    this.#listener.failed(error);
  }
}

/** All segments but the last hold exactly what the manifest says, or positions after them would be wrong. */
function lengthProblem(plan: SegmentPlan, segment: number, packets: readonly Packet[]): TonearmError | null {
  const last = packets.at(-1);
  const start = segmentStartStreamFrames(plan, segment);
  const held = last === undefined ? 0 : last.startStreamFrames + last.frames - start;
  if (segment === plan.segmentCount - 1 || held === plan.file.segmentFrames) return null;
  const message = `segment ${segment} holds ${held} frames instead of ${plan.file.segmentFrames}`;
  return new TonearmError('demux.malformed', message);
}
