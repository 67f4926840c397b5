/**
 * Reads one track from a position to its exact end: segments from the shelf, packets from the demuxer, samples from a
 * fresh decoder. Pull-based: it decodes one packet when it is asked and holds nothing ahead but one demuxed segment.
 *
 * The pre-roll before the position is decoded and thrown away, the pre-skip and what lies beyond the track's duration are
 * cut, so that the first frame given is the position asked for and the last one is the track's last.
 */
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Frames, frames } from '#protocol/vocabulary/units';
import type { SegmentShelf } from '../cache/segment-shelf.ts';
import { PACKET_FRAMES_MAX } from '../demux/opus-packet.ts';
import { demuxSegment, type Packet } from '../demux/segment-demuxer.ts';
import {
  endStreamFrames,
  planDecodeStart,
  type SegmentPlan,
  segmentStartStreamFrames,
} from '../manifest/segment-plan.ts';
import type { PcmBlock, ReadOutcome } from './pcm-block.ts';

export interface TrackReaderListener {
  /** A held segment did not open; it is held no more. */
  segmentCorrupt(segment: number): void;
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

const CHANNELS = 2;
const MISSING: ReadOutcome = { kind: 'missing' };
const ENDED: ReadOutcome = { kind: 'ended' };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function createTrackReader(
  ports: { readonly shelf: SegmentShelf; readonly decoders: PacketDecoderFactory },
  track: { readonly plan: SegmentPlan; readonly positionFrames: Frames },
  listener: TrackReaderListener,
): TrackReader {
  return new ShelfReader(ports, track, listener);
}

class ShelfReader implements TrackReader {
  readonly #shelf: SegmentShelf;
  readonly #plan: SegmentPlan;
  readonly #listener: TrackReaderListener;
  readonly #decoder: PacketDecoder;
  readonly #decodeFrom: number;
  readonly #endStream: number;
  readonly #block: Mutable<PcmBlock>;
  readonly #outcome: ReadOutcome;
  /** Stream frame of the next frame to be given. */
  #at: number;
  #segment: number;
  #packets: readonly Packet[] = [];
  #nextPacket = 0;
  #hasFailed = false;
  #isClosed = false;

  constructor(
    ports: { readonly shelf: SegmentShelf; readonly decoders: PacketDecoderFactory },
    track: { readonly plan: SegmentPlan; readonly positionFrames: Frames },
    listener: TrackReaderListener,
  ) {
    this.#shelf = ports.shelf;
    this.#plan = track.plan;
    this.#listener = listener;
    this.#decoder = ports.decoders.create();
    const start = planDecodeStart(track.plan, track.positionFrames);
    this.#segment = start.segment;
    this.#decodeFrom = start.decodeFromStreamFrames;
    this.#at = start.hearFromStreamFrames;
    this.#endStream = endStreamFrames(track.plan);
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

  read(): ReadOutcome {
    if (this.#isClosed || this.#at >= this.#endStream) return ENDED;
    if (this.#hasFailed) return MISSING;
    // Bounded by what a file can hold before the position: one segment and the pre-roll.
    for (;;) {
      const packet = this.#packets[this.#nextPacket];
      if (packet === undefined) {
        if (!this.#openNextSegment()) return MISSING;
        continue;
      }
      this.#nextPacket += 1;
      const end = packet.startStreamFrames + packet.frames;
      if (end <= this.#decodeFrom) continue;
      const isConcealed = !this.#decode(packet);
      if (end > this.#at) return this.#give(packet, isConcealed);
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
    if (this.#segment >= this.#plan.segmentCount) {
      this.#fail(new TonearmError('demux.malformed', 'the file ends before the duration that its manifest names'));
      return false;
    }
    const opened = this.#shelf.open(this.#plan, this.#segment);
    if (opened.kind === 'corrupt') this.#listener.segmentCorrupt(this.#segment);
    if (opened.kind !== 'opened') return false;
    const demuxed = demuxSegment(opened.plain, {
      hasHeaders: this.#segment === 0,
      startStreamFrames: segmentStartStreamFrames(this.#plan, this.#segment),
      preSkipFrames: this.#plan.file.preSkipFrames,
    });
    const problem = demuxed.ok ? this.#lengthProblem(demuxed.value) : demuxed.error;
    if (!demuxed.ok || problem !== null) {
      this.#fail(problem ?? new TonearmError('demux.malformed', 'unreadable segment'));
      return false;
    }
    this.#packets = demuxed.value;
    this.#nextPacket = 0;
    this.#segment += 1;
    return true;
  }

  /** All segments but the last hold exactly what the manifest says, or positions after them would be wrong. */
  #lengthProblem(packets: readonly Packet[]): TonearmError | null {
    const last = packets.at(-1);
    const start = segmentStartStreamFrames(this.#plan, this.#segment);
    const held = last === undefined ? 0 : last.startStreamFrames + last.frames - start;
    if (this.#segment === this.#plan.segmentCount - 1 || held === this.#plan.file.segmentFrames) return null;
    const message = `segment ${this.#segment} holds ${held} frames instead of ${this.#plan.file.segmentFrames}`;
    return new TonearmError('demux.malformed', message);
  }

  /** False when the packet became silence. */
  #decode(packet: Packet): boolean {
    const decoded = this.#decoder.decode(packet.bytes, this.#block.samples);
    if (decoded.ok && decoded.value === packet.frames) return true;
    this.#block.samples.fill(0, 0, packet.frames * CHANNELS);
    this.#listener.packetCorrupt(frames(Math.max(0, packet.startStreamFrames - this.#plan.file.preSkipFrames)));
    return false;
  }

  #give(packet: Packet, isConcealed: boolean): ReadOutcome {
    const block = this.#block;
    block.offsetFrames = this.#at - packet.startStreamFrames;
    const end = Math.min(packet.startStreamFrames + packet.frames, this.#endStream);
    block.countFrames = end - this.#at;
    block.positionFrames = frames(this.#at - this.#plan.file.preSkipFrames);
    block.isConcealed = isConcealed;
    this.#at = end;
    return this.#outcome;
  }

  #fail(error: TonearmError): void {
    this.#hasFailed = true;
    this.#listener.failed(error);
  }
}
