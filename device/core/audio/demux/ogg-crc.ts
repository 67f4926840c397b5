/** The checksum of an Ogg page (RFC 3533 section 6): CRC-32, polynomial 0x04c11db7, not reflected, start 0, no final xor. */

const POLYNOMIAL = 0x04c11db7;
const TABLE = makeTable();

/** Where the checksum lies in a page; those four bytes count as zero. */
export const CRC_OFFSET = 22;
const CRC_END = CRC_OFFSET + 4;

/** @returns the checksum of `length` bytes of a page that begins at `offset`, as an unsigned 32-bit number */
export function oggCrc(data: Uint8Array, offset: number, length: number): number {
  let crc = 0;
  for (let index = 0; index < length; index += 1) {
    const byte = index >= CRC_OFFSET && index < CRC_END ? 0 : (data[offset + index] ?? 0);
    crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  }
  return crc >>> 0;
}

function makeTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < table.length; byte += 1) {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 0x8000_0000) !== 0 ? (value << 1) ^ POLYNOMIAL : value << 1;
    table[byte] = value;
  }
  return table;
}
