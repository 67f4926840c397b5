/**
 * One quality of one track: blocks in, one sealed object out.
 *
 * The seal of each segment names the file's id, which is the hash of all of it: so the stream goes to a scratch file
 * first and is sealed from there. Memory does not grow with the length of the music.
 */
import { PACKET_FRAMES, type PacketEncoder, type PacketEncoderFactory } from '#bridge/core/ports/packet-encoder';
import type { ScratchFile, ScratchFiles } from '#bridge/core/ports/scratch-files';
import type { SegmentSealer } from '#bridge/core/ports/segment-sealer';
import { HEAD_SEGMENTS, type ScratchedFile } from '#bridge/core/ports/track-encoder';
import { fileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes, FRAMES_PER_SECOND, type Frames, frames, type Kbps } from '#protocol/vocabulary/units';
import { OggOpusMuxer } from './ogg-opus-muxer.ts';

/** 1 s: the unit of cache, integrity and quality switch. */
export const PACKETS_PER_SEGMENT = FRAMES_PER_SECOND / PACKET_FRAMES;

export interface RungPorts {
  readonly encoders: PacketEncoderFactory;
  readonly sealer: SegmentSealer;
  readonly scratch: ScratchFiles;
}

export interface RungOptions {
  readonly bitrateKbps: Kbps;
  readonly serial: number;
  readonly preSkipFrames: Frames;
}

export class RungEncoder {
  readonly #ports: RungPorts;
  readonly #options: RungOptions;
  readonly #encoder: PacketEncoder;
  readonly #muxer: OggOpusMuxer;
  readonly #digest: ReturnType<SegmentSealer['startDigest']>;
  readonly #plain: ScratchFile;
  readonly #segmentSizes: number[] = [];
  #packets = 0;
  #sealed: ScratchFile | null = null;

  constructor(ports: RungPorts, encoder: PacketEncoder, options: RungOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#encoder = encoder;
    this.#digest = ports.sealer.startDigest();
    this.#plain = ports.scratch.create();
    this.#muxer = new OggOpusMuxer({
      serial: options.serial,
      preSkipFrames: options.preSkipFrames,
      packetFrames: PACKET_FRAMES,
      packetsPerSegment: PACKETS_PER_SEGMENT,
    });
  }

  /** @param block `PACKET_FRAMES` of interleaved stereo */
  add(block: Int16Array): void {
    this.#encoder.setPrediction(!isSeam(this.#packets));
    this.#keep(this.#muxer.add(this.#encoder.encode(block)));
    this.#packets += 1;
  }

  /** Ends the stream and seals it. */
  finish(durationFrames: Frames): ScratchedFile {
    this.#keep(this.#muxer.finish(durationFrames));
    const { bitrateKbps, preSkipFrames } = this.#options;
    const id = fileId(this.#digest.hex());
    const key = this.#ports.sealer.newKey();
    const sealed = this.#ports.scratch.create();
    this.#sealed = sealed;
    const segmentSizesBytes = this.#seal(sealed, id, key);
    sealed.finish();
    return {
      file: {
        fileId: id,
        bitrateKbps,
        preSkipFrames,
        segmentFrames: frames(PACKETS_PER_SEGMENT * PACKET_FRAMES),
        segmentSizesBytes,
        headSegments: Math.min(HEAD_SEGMENTS, segmentSizesBytes.length),
        key,
      },
      scratchPath: sealed.path,
    };
  }

  /** Frees the encoder and what lies open. Once, at the end, however it ended. */
  close(): void {
    this.#plain.discard();
    this.#encoder.close();
  }

  /** Removes what was made: the job failed. */
  discard(): void {
    this.#sealed?.discard();
  }

  #keep(segment: Uint8Array | null): void {
    if (segment === null) return;
    this.#digest.add(segment);
    this.#plain.append(segment);
    this.#segmentSizes.push(segment.length);
  }

  #seal(sealed: ScratchFile, id: ReturnType<typeof fileId>, key: Uint8Array): readonly Bytes[] {
    let offset = 0;
    return this.#segmentSizes.map((size, segment) => {
      const isLast = segment === this.#segmentSizes.length - 1;
      const plaintext = this.#plain.read(offset, size);
      const bytesSealed = this.#ports.sealer.seal({ key, fileId: id, segment, isLast, plaintext });
      sealed.append(bytesSealed);
      offset += size;
      return bytes(bytesSealed.length);
    });
  }
}

/** Packets before a segment that are coded like its first. */
const SEAM_PACKETS = 2;

/**
 * The packets around a segment's start are coded without prediction: the first, and two before it. A decoder that begins
 * with those two is exact from the segment's first frame on, at all qualities of 96 kbit/s and more (measured: at 160 and
 * 320 one would do). It costs two or three bytes each. In the hybrid mode that the lowest quality has for voices it does
 * nothing: there a decoder wants 160 ms of pre-roll and comes close.
 */
function isSeam(packet: number): boolean {
  const place = packet % PACKETS_PER_SEGMENT;
  return place === 0 || place >= PACKETS_PER_SEGMENT - SEAM_PACKETS;
}
