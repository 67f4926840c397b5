/** Says in an MP4 file how long its music is, as iTunes does: in a comment called `iTunSMPB`, instead of an edit list. */

/** Of ffmpeg's AAC encoder. */
const PRIMING_FRAMES = 1_024;
const PACKET_FRAMES = 1_024;
const BOX_HEADER_BYTES = 8;
/** Where the list of comments lies; `meta` has four bytes of version and flags before its boxes. */
const WAY = ['moov', 'udta', 'meta', 'ilst'];

/** @param file with comments, and with its `moov` after its music, so that no offset into that changes */
export function withItunesLength(file: Uint8Array, frames: number): Uint8Array {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const padding = (PACKET_FRAMES - ((PRIMING_FRAMES + frames) % PACKET_FRAMES)) % PACKET_FRAMES;
  const zeros = Array.from({ length: 8 }, () => hex(0, 8)).join(' ');
  const text = ` ${hex(0, 8)} ${hex(PRIMING_FRAMES, 8)} ${hex(padding, 8)} ${hex(frames, 16)} ${zeros}`;
  const comment = box('----', [
    box('mean', [new Uint8Array(4), ascii('com.apple.iTunes')]),
    box('name', [new Uint8Array(4), ascii('iTunSMPB')]),
    box('data', [Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0), ascii(text)]),
  ]);
  const result = Buffer.concat([file, comment]);
  const view = new DataView(result.buffer, result.byteOffset, result.byteLength);
  let [start, end] = [0, file.length];
  for (const name of WAY) {
    const at = find(view, name, start, end);
    const size = view.getUint32(at);
    view.setUint32(at, size + comment.length);
    [start, end] = [at + BOX_HEADER_BYTES + (name === 'meta' ? 4 : 0), at + size];
  }
  // The list ends at `end`: what lay behind it moves, and the comment takes its place.
  result.copyWithin(end + comment.length, end, file.length);
  result.set(comment, end);
  return result;
}

function find(view: DataView, name: string, start: number, end: number): number {
  for (let at = start; at + BOX_HEADER_BYTES <= end; at += view.getUint32(at)) {
    const own = String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(at + 4 + index)));
    if (own === name) return at;
  }
  throw new RangeError(`no ${name} in this file`);
}

function box(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  header.writeUInt32BE(BOX_HEADER_BYTES + body.length);
  header.write(name, 4, 'latin1');
  return Buffer.concat([header, body]);
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
