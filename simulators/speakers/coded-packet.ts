/**
 * Packets that say where they come from, and sound from which that can be read back at any volume.
 *
 * A packet names its track and its number. "Decoded", both become the signs of the samples: 56 bits on the left channel,
 * 16 frames each, and on the right channel a mark at the packet's first frames. Signs survive volume, fades and dither,
 * so what a loudspeaker played can be told to the very frame, and a lost or repeated frame moves the next mark.
 */
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';

/** 20 ms, the length of every packet in this system. */
export const PACKET_FRAMES = 960;
/** Frames that one bit, and the mark, take. */
const BIT_FRAMES = 16;
const TRACK_BITS = 16;
const PACKET_BITS = 24;
/** So that a packet that was cut short, and goes on as another, is not read as a third. */
const CHECK_BITS = 16;
const BITS = TRACK_BITS + PACKET_BITS + CHECK_BITS;
/** Frames of a packet in which its name is said: the mark, and the bits after it. */
export const NAME_FRAMES = (1 + BITS) * BIT_FRAMES;
/** Half of full scale: far above dither even at 10 % volume. */
const AMPLITUDE = 0.5;
/** CELT, full band, 20 ms, stereo, one frame (RFC 6716 section 3.1): so that a demuxer knows its length. */
const TOC = 0xfc;
const PACKET_BYTES = 6;

/** Which packet of which track. */
export interface PacketName {
  readonly track: number;
  readonly packet: number;
}

export function encodeCodedPacket({ track, packet }: PacketName): Uint8Array {
  return Uint8Array.of(TOC, track >> 8, track & 255, packet >> 16, (packet >> 8) & 255, packet & 255);
}

/** The name and its check, the track's highest bit first. */
function bitsOf(name: PacketName): boolean[] {
  const numbers = [
    [name.track, TRACK_BITS],
    [name.packet, PACKET_BITS],
    [checkOf(name), CHECK_BITS],
  ] as const;
  return numbers.flatMap(([value, width]) =>
    Array.from({ length: width }, (_, place) => ((value >> (width - 1 - place)) & 1) === 1),
  );
}

/** Any change of a few neighbouring bits changes it: a multiplication by a large odd number, its middle bits. */
function checkOf({ track, packet }: PacketName): number {
  return (Math.imul(track ^ Math.imul(packet, 0x9e37_79b1), 0x85eb_ca6b) >>> 12) & 0xffff;
}

/** The packet's 960 frames, interleaved. */
function fillFrames(name: PacketName, out: Float32Array): void {
  const bits = bitsOf(name);
  for (let frame = 0; frame < PACKET_FRAMES; frame += 1) {
    const slot = Math.floor(frame / BIT_FRAMES) - 1;
    const isHigh = bits[slot] ?? true;
    out[frame * 2] = isHigh ? AMPLITUDE : -AMPLITUDE;
    out[frame * 2 + 1] = slot < 0 ? -AMPLITUDE : AMPLITUDE;
  }
}

/**
 * @param leftIsHigh for each frame from the packet's first: is the left sample positive
 * @returns null when it is no packet's name: two sounds at once, or one cut short
 */
export function readPacketName(leftIsHigh: readonly boolean[]): PacketName | null {
  const bits: boolean[] = [];
  for (let from = BIT_FRAMES; from < NAME_FRAMES; from += BIT_FRAMES) {
    const isHigh = leftIsHigh[from] === true;
    for (let frame = from; frame < from + BIT_FRAMES; frame += 1) if (leftIsHigh[frame] !== isHigh) return null;
    bits.push(isHigh);
  }
  const numberIn = (from: number, width: number): number =>
    bits.slice(from, from + width).reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);
  const name = { track: numberIn(0, TRACK_BITS), packet: numberIn(TRACK_BITS, PACKET_BITS) };
  return numberIn(TRACK_BITS + PACKET_BITS, CHECK_BITS) === checkOf(name) ? name : null;
}

/** In-memory twin of the Opus decoder. */
export const codedDecoders: PacketDecoderFactory = {
  name: 'coded packets',
  create: createCodedDecoder,
};

/** The track of packets that a decoder gives out before it has settled. */
export const UNSETTLED_TRACK = 0xffff;
/** A decoder that begins within a stream is as one that ran from its start after 160 ms. */
export const SETTLING_PACKETS = 8;

/** As a real one it goes by what came before: entered within a track it first gives out what is no part of any track. */
function createCodedDecoder(): PacketDecoder {
  let last: PacketName | null = null;
  let unsettled = 0;
  return {
    decode: (packet, out) => {
      const [toc, t1 = 0, t0 = 0, p2 = 0, p1 = 0, p0 = 0] = packet;
      if (toc !== TOC || packet.length !== PACKET_BYTES) {
        return refused(new TonearmError('decode.corrupt-packet', 'not a coded packet'));
      }
      const name = { track: t1 * 256 + t0, packet: (p2 * 256 + p1) * 256 + p0 };
      const isNext = last !== null && name.track === last.track && name.packet === last.packet + 1;
      if (!isNext) unsettled = name.packet === 0 ? 0 : SETTLING_PACKETS;
      last = name;
      fillFrames(unsettled > 0 ? { track: UNSETTLED_TRACK, packet: name.packet } : name, out);
      unsettled = Math.max(0, unsettled - 1);
      return ok(PACKET_FRAMES);
    },
    close: () => {},
  };
}
