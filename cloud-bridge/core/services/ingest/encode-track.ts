/**
 * One music file to one sealed object: decode, measure, encode, pack, seal. Runs in a thread that may be busy.
 *
 * The seal of each segment names the file's id, which is the hash of all of it: so the stream goes to a scratch file
 * first and is sealed from there. Memory does not grow with the length of the music.
 */

import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { PACKET_FRAMES, type PacketEncoder, type PacketEncoderFactory } from '#bridge/core/ports/packet-encoder';
import type { ScratchFile, ScratchFiles } from '#bridge/core/ports/scratch-files';
import type { SegmentSealer } from '#bridge/core/ports/segment-sealer';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes, FRAMES_PER_SECOND, type Frames, frames } from '#protocol/vocabulary/units';
import { SEGMENTS_MAX } from '#protocol/wire/manifest';
import { LoudnessMeter } from './loudness-meter.ts';
import { OggOpusMuxer } from './ogg-opus-muxer.ts';
import { SmoothEdges } from './smooth-edges.ts';

/** 1 s: the unit of cache, integrity and quality switch. */
export const PACKETS_PER_SEGMENT = FRAMES_PER_SECOND / PACKET_FRAMES;
/** Names this way of encoding; change it whenever the same source would give other bytes, and all is encoded anew. */
export const ENCODING_RECIPE = 'opus-1';
const DURATION_FRAMES_MAX = (SEGMENTS_MAX - 1) * FRAMES_PER_SECOND;
/** A sign of life after so much music. */
const ALIVE_EVERY_FRAMES = 10 * FRAMES_PER_SECOND;

export interface EncodeTrackPorts {
  readonly decoder: AudioDecoder;
  readonly encoders: PacketEncoderFactory;
  readonly sealer: SegmentSealer;
  readonly scratch: ScratchFiles;
  /** Called now and then while work goes on. */
  alive(): void;
}

/** @throws TonearmError as `TrackEncoder.encode` refuses */
export async function encodeTrack(ports: EncodeTrackPorts, job: EncodeJob): Promise<EncodeOutcome> {
  const encoder = ports.encoders.create(job.bitrateKbps);
  const plain = ports.scratch.create();
  const sealed = ports.scratch.create();
  try {
    const stream = await encodeStream(ports, encoder, plain, job);
    const { key, sizes } = sealStream(ports, stream, plain, sealed);
    sealed.finish();
    return {
      file: {
        fileId: fileId(stream.digest),
        bitrateKbps: job.bitrateKbps,
        preSkipFrames: stream.preSkipFrames,
        segmentFrames: frames(PACKETS_PER_SEGMENT * PACKET_FRAMES),
        segmentSizesBytes: sizes,
        key,
      },
      durationFrames: stream.durationFrames,
      loudness: stream.loudness,
      scratchPath: sealed.path,
    };
  } catch (error) {
    sealed.discard();
    throw error;
  } finally {
    plain.discard();
    encoder.close();
  }
}

interface PlainStream {
  readonly digest: string;
  readonly segmentSizes: readonly number[];
  readonly preSkipFrames: Frames;
  readonly durationFrames: Frames;
  readonly loudness: EncodeOutcome['loudness'];
}

async function encodeStream(
  ports: EncodeTrackPorts,
  encoder: PacketEncoder,
  plain: ScratchFile,
  job: EncodeJob,
): Promise<PlainStream> {
  const edges = new SmoothEdges(PACKET_FRAMES, encoder.lookaheadFrames);
  const muxer = new OggOpusMuxer({
    serial: job.serial,
    preSkipFrames: edges.preSkipFrames,
    packetFrames: PACKET_FRAMES,
    packetsPerSegment: PACKETS_PER_SEGMENT,
  });
  const meter = new LoudnessMeter();
  const digest = ports.sealer.startDigest();
  const segmentSizes: number[] = [];
  const keep = (segment: Uint8Array | null): void => {
    if (segment === null) return;
    digest.add(segment);
    plain.append(segment);
    segmentSizes.push(segment.length);
  };
  let packets = 0;
  const encode = (blocks: Iterable<Int16Array>): void => {
    for (const block of blocks) {
      encoder.setPrediction(!isSeam(packets));
      keep(muxer.add(encoder.encode(block)));
      packets += 1;
    }
  };
  let aliveAt = ALIVE_EVERY_FRAMES;
  for await (const pcm of ports.decoder.decode(job.sourcePath)) {
    meter.add(pcm);
    encode(edges.add(pcm));
    if (edges.durationFrames > DURATION_FRAMES_MAX) throw tooLong();
    if (edges.durationFrames < aliveAt) continue;
    ports.alive();
    aliveAt = edges.durationFrames + ALIVE_EVERY_FRAMES;
  }
  const durationFrames = frames(edges.durationFrames);
  if (durationFrames === 0) throw new TonearmError('ingest.unreadable-file', 'there is no sound in it');
  encode(edges.finish());
  keep(muxer.finish(durationFrames));
  return {
    digest: digest.hex(),
    segmentSizes,
    preSkipFrames: edges.preSkipFrames,
    durationFrames,
    loudness: meter.measured(),
  };
}

/**
 * The packets around a segment's start are coded without prediction, so that a decoder that begins there is right from
 * its second packet on: the last one before (for who has it as pre-roll: then the segment is exact from its first frame)
 * and the first itself. It costs two or three bytes each.
 */
function isSeam(packet: number): boolean {
  const place = packet % PACKETS_PER_SEGMENT;
  return place === 0 || place === PACKETS_PER_SEGMENT - 1;
}

function sealStream(
  ports: EncodeTrackPorts,
  stream: PlainStream,
  plain: ScratchFile,
  sealed: ScratchFile,
): { readonly key: Uint8Array; readonly sizes: readonly Bytes[] } {
  const key = ports.sealer.newKey();
  let offset = 0;
  const sizes = stream.segmentSizes.map((size, segment) => {
    const isLast = segment === stream.segmentSizes.length - 1;
    const plaintext = plain.read(offset, size);
    const bytesSealed = ports.sealer.seal({ key, fileId: fileId(stream.digest), segment, isLast, plaintext });
    sealed.append(bytesSealed);
    offset += size;
    return bytes(bytesSealed.length);
  });
  return { key, sizes };
}

function tooLong(): TonearmError {
  return new TonearmError('ingest.unsupported-format', 'it is longer than 24 hours, the most that a track may last');
}
