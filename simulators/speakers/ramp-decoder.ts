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
/** Tracks are numbered from 1, so that silence is no track. */
export const RAMP_TRACK_MAX = 127;
/** Longest ramp: its position takes 15 bits in the left and 8 in the right channel (174 s). */
export const RAMP_FRAMES_MAX = 256 * 32_768;

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
      out[frame * 2] = isSettled ? (position % FULL_SCALE) / FULL_SCALE : -1;
      out[frame * 2 + 1] = isSettled ? (track * 256 + Math.floor(position / FULL_SCALE)) / FULL_SCALE : -1;
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
  if (right < 256 || left < 0) return null;
  return { track: right >> 8, positionFrames: (right & 0xff) * FULL_SCALE + left };
}
