/** What an Opus packet says of itself before it is decoded: how long it is (RFC 6716 section 3.1) and the two header packets. */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

/** Longest packet accepted (RFC 7845 section 6: 61,440 bytes a stream are enough for anything an encoder may make). */
export const PACKET_BYTES_MAX = 61_440;
/** Longest packet in time: 120 ms (RFC 6716 section 3.2.5, requirement R5). */
export const PACKET_FRAMES_MAX = 5_760;

const FRAMES_PER_MS = FRAMES_PER_SECOND / 1000;
/** Durations in ms by the low two bits of a configuration, for each of the three modes (RFC 6716 table 2). */
const SILK_MS = [10, 20, 40, 60] as const;
const HYBRID_MS = [10, 20] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;
const HYBRID_FIRST = 12;
const CELT_FIRST = 16;

/** @returns PCM frames (48 kHz) that the packet decodes to, or null when it breaks the rules */
export function opusPacketFrames(packet: Uint8Array): number | null {
  const toc = packet[0];
  if (toc === undefined || packet.length > PACKET_BYTES_MAX) return null;
  const count = frameCount(packet, toc);
  if (count === null) return null;
  const total = count * frameMs(toc >> 3) * FRAMES_PER_MS;
  return total > PACKET_FRAMES_MAX ? null : total;
}

function frameMs(configuration: number): number {
  if (configuration >= CELT_FIRST) return CELT_MS[configuration & 3] ?? 0;
  if (configuration >= HYBRID_FIRST) return HYBRID_MS[configuration & 1] ?? 0;
  return SILK_MS[configuration & 3] ?? 0;
}

function frameCount(packet: Uint8Array, toc: number): number | null {
  const code = toc & 3;
  if (code === 0) return 1;
  if (code < 3) return 2;
  const declared = (packet[1] ?? 0) & 0x3f;
  return declared === 0 ? null : declared;
}

export interface OpusHead {
  readonly channels: number;
  readonly preSkipFrames: number;
}

const HEAD_BYTES = 19;

/** @returns what an `OpusHead` packet says (RFC 7845 section 5.1), or null when it is none that we can play */
export function parseOpusHead(packet: Uint8Array): OpusHead | null {
  if (packet.length < HEAD_BYTES || !startsWith(packet, 'OpusHead')) return null;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const [version, channels, mappingFamily] = [view.getUint8(8), view.getUint8(9), view.getUint8(18)];
  // The upper half of the version byte must be zero; family 0 is mono or stereo in one stream.
  if (version > 15 || channels < 1 || channels > 2 || mappingFamily !== 0) return null;
  return { channels, preSkipFrames: view.getUint16(10, true) };
}

export function isOpusTags(packet: Uint8Array): boolean {
  return startsWith(packet, 'OpusTags');
}

function startsWith(packet: Uint8Array, magic: string): boolean {
  if (packet.length < magic.length) return false;
  for (let index = 0; index < magic.length; index += 1) if (packet[index] !== magic.charCodeAt(index)) return false;
  return true;
}
