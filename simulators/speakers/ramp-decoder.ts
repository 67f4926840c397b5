/**
 * Sound that can be read back: packets that decode to a ramp of their own frame numbers, and the decoder for them.
 *
 * Each frame carries the track's number and its own position, so that a recording says which frame of which track was
 * heard when, to the frame. The decoder has the one property of a real one that seeks depend on: a fresh one that starts
 * in the middle gives nonsense until it has settled.
 */
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

export const RAMP_PRE_SKIP_FRAMES = 312;
export const RAMP_PACKET_FRAMES = 960;
/** The left channel counts this far and begins anew: half of full scale, so that no limiter has anything to do with it. */
export const RAMP_SPAN_FRAMES = 16_384;
/** The right channel has this much for each track, and how often the left one has begun anew on top. */
export const RAMP_TRACK_STEP = 512;
/** Tracks are numbered from 1, so that silence is no track; their last is still well below full scale. */
export const RAMP_TRACK_MAX = 40;
/** Longest ramp: 174 s. */
export const RAMP_FRAMES_MAX = RAMP_TRACK_STEP * RAMP_SPAN_FRAMES;

/** CELT, full band, 20 ms, stereo, one frame (RFC 6716 section 3.1). */
const TOC = 0xfc;
const HEADER_BYTES = 7;
const FULL_SCALE = 32_768;
const CORRUPT_MARK = 0xff;
/** What RFC 7845 section 4.6 says a decoder needs: 80 ms. */
const SETTLING_FRAMES = 3_840;

/**
 * @param sizeBytes at least 7; what a packet of a given bitrate would have (400 bytes are 160 kbit/s)
 */
export function rampPacket(track: number, index: number, sizeBytes: number): Uint8Array {
  if (track < 1 || track > RAMP_TRACK_MAX)
    throw new RangeError(`a ramp's track is 1 to ${RAMP_TRACK_MAX}, got ${track}`);
  const packet = new Uint8Array(Math.max(HEADER_BYTES, sizeBytes));
  const view = new DataView(packet.buffer);
  view.setUint8(0, TOC);
  view.setUint32(1, index);
  view.setUint8(5, track);
  return packet;
}

/** A packet of the right length that the decoder refuses. */
export function corruptRampPacket(): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES);
  packet[0] = TOC;
  packet[6] = CORRUPT_MARK;
  return packet;
}

export const rampDecoders: PacketDecoderFactory = {
  name: 'ramp',
  create: () => new RampDecoder(),
};

class RampDecoder implements PacketDecoder {
  #unsettledFrames: number | null = null;

  decode(packet: Uint8Array, out: Float32Array): Result<number, TonearmError> {
    if (packet[0] !== TOC || packet[6] === CORRUPT_MARK) {
      return refused(new TonearmError('decode.corrupt-packet', 'not a ramp'));
    }
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const index = view.getUint32(1);
    const track = view.getUint8(5);
    this.#unsettledFrames ??= index === 0 ? 0 : SETTLING_FRAMES;
    for (let frame = 0; frame < RAMP_PACKET_FRAMES; frame += 1) {
      const position = index * RAMP_PACKET_FRAMES + frame - RAMP_PRE_SKIP_FRAMES;
      const isSettled = this.#unsettledFrames === 0 && position >= 0;
      if (this.#unsettledFrames > 0) this.#unsettledFrames -= 1;
      const right = track * RAMP_TRACK_STEP + Math.floor(position / RAMP_SPAN_FRAMES);
      out[frame * 2] = isSettled ? (position % RAMP_SPAN_FRAMES) / FULL_SCALE : -1;
      out[frame * 2 + 1] = isSettled ? right / FULL_SCALE : -1;
    }
    return ok(RAMP_PACKET_FRAMES);
  }

  close(): void {}
}

export interface RampFrame {
  readonly track: number;
  readonly positionFrames: number;
}

/** What one recorded frame says it is; null for silence, and for nonsense. Exact at full volume, outside of fades. */
export function readRampFrame(samples: Int16Array, frame: number): RampFrame | null {
  const left = samples[frame * 2] ?? 0;
  const right = samples[frame * 2 + 1] ?? 0;
  if (right < RAMP_TRACK_STEP || left < 0 || left >= RAMP_SPAN_FRAMES) return null;
  return {
    track: Math.floor(right / RAMP_TRACK_STEP),
    positionFrames: (right % RAMP_TRACK_STEP) * RAMP_SPAN_FRAMES + left,
  };
}
