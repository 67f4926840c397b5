/** One Ogg page as bytes (RFC 3533 section 6), checksum and all. */

/** A page's limit of segments ("lacing values"); 255 bytes each, less in the last of a packet. */
export const LACING_VALUES_MAX = 255;
const LACING_STEP_BYTES = 255;
const HEADER_BYTES = 27;
const CRC_OFFSET = 22;

export interface OggPage {
  readonly serial: number;
  readonly sequence: number;
  /** Frames decoded once the last packet that ends on this page is, pre-skip included. */
  readonly granule: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whole packets; together within `LACING_VALUES_MAX`. */
  readonly packets: readonly Uint8Array[];
}

/** Lacing values that a packet takes: one for each 255 bytes and one more, possibly zero, that ends it. */
export function lacingValuesOf(packetBytes: number): number {
  return Math.floor(packetBytes / LACING_STEP_BYTES) + 1;
}

/** @throws RangeError when the packets do not fit one page */
export function encodeOggPage(page: OggPage): Uint8Array {
  const lacing = page.packets.flatMap((packet) => lacingOf(packet.length));
  if (lacing.length > LACING_VALUES_MAX) throw new RangeError(`${lacing.length} lacing values do not fit a page`);
  const bodyBytes = page.packets.reduce((sum, packet) => sum + packet.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + lacing.length + bodyBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53]);
  view.setUint8(5, (page.isFirst ? 2 : 0) | (page.isLast ? 4 : 0));
  view.setBigInt64(6, BigInt(page.granule), true);
  view.setUint32(14, page.serial, true);
  view.setUint32(18, page.sequence, true);
  view.setUint8(26, lacing.length);
  bytes.set(lacing, HEADER_BYTES);
  let offset = HEADER_BYTES + lacing.length;
  for (const packet of page.packets) {
    bytes.set(packet, offset);
    offset += packet.length;
  }
  view.setUint32(CRC_OFFSET, oggChecksum(bytes), true);
  return bytes;
}

function lacingOf(packetBytes: number): number[] {
  const values = new Array<number>(lacingValuesOf(packetBytes)).fill(LACING_STEP_BYTES);
  values[values.length - 1] = packetBytes % LACING_STEP_BYTES;
  return values;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** CRC-32 with polynomial 0x04c11db7, unreflected, from zero; the page's own four checksum bytes are taken as zero. */
export function oggChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let index = 0; index < page.length; index += 1) {
    const isChecksum = index >= CRC_OFFSET && index < CRC_OFFSET + 4;
    const byte = isChecksum ? 0 : (page[index] ?? 0);
    crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  }
  return crc >>> 0;
}
