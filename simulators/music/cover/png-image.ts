/** A picture as a PNG file (RFC 2083), colours of eight bits: enough for one cover, without an image library. */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHANNELS = 3;
const BIT_DEPTH = 8;
const COLOUR_TRUE = 2;
/** Each row's bytes as differences from the row above: smooth pictures pack several times better so. */
const FILTER_UP = 2;

/** @param pixels red, green, blue of each pixel, row by row from the top */
export function encodePng(width: number, height: number, pixels: Uint8Array): Uint8Array {
  if (pixels.length !== width * height * CHANNELS)
    throw new RangeError(`${width} × ${height} pixels, ${pixels.length} bytes`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([BIT_DEPTH, COLOUR_TRUE, 0, 0, 0], 8);
  const data = deflateSync(filtered(width * CHANNELS, height, pixels), { level: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}

function filtered(rowBytes: number, height: number, pixels: Uint8Array): Uint8Array {
  const rows = new Uint8Array((rowBytes + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const start = y * (rowBytes + 1);
    rows[start] = FILTER_UP;
    for (let x = 0; x < rowBytes; x += 1) {
      const above = y === 0 ? 0 : (pixels[(y - 1) * rowBytes + x] ?? 0);
      rows[start + 1 + x] = (pixels[y * rowBytes + x] ?? 0) - above;
    }
  }
  return rows;
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}
