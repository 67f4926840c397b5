/** A file's bytes, piece by piece, as a decoder pulls them. */
import { open } from 'node:fs/promises';

/** Small, because of what a decoder may make of it at once: silence as FLAC is a thousand times as long. */
const PIECE_BYTES = 16 * 1024;

export async function* filePieces(path: string, fromByte = 0): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (let offset = fromByte; ; ) {
      const piece = new Uint8Array(PIECE_BYTES);
      const { bytesRead } = await handle.read(piece, 0, piece.length, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
