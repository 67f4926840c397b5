/** A library far larger than anybody's, made in seconds: files of one millisecond, each with tags and music of its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '#sim/music/wav-file';

const RATE = 48_000;
const FRAMES = 48;
const TRACKS_PER_ALBUM = 12;
const ALBUMS_PER_ARTIST = 8;

/** Writes `count` WAV files below the folder, twelve an album, no two alike. */
export async function writeLargeLibrary(folder: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += TRACKS_PER_ALBUM) {
    const album = first / TRACKS_PER_ALBUM;
    const artist = `Artist ${Math.floor(album / ALBUMS_PER_ARTIST)}`;
    const path = join(folder, artist, `Album ${album}`);
    await mkdir(path, { recursive: true });
    const last = Math.min(count, first + TRACKS_PER_ALBUM);
    await Promise.all(
      Array.from({ length: last - first }, (_, place) => {
        const trackNumber = place + 1;
        const named = { artist, album: `Album ${album}`, title: `Song ${first + place}`, trackNumber };
        return writeFile(join(path, `${trackNumber}.wav`), tinyTrack(first + place, named));
      }),
    );
  }
}

function tinyTrack(
  number: number,
  named: { readonly artist: string; readonly album: string; readonly title: string; readonly trackNumber: number },
): Uint8Array {
  // The number is in the sound, so that no two files are the same music.
  const left = Int16Array.from({ length: FRAMES }, (_, frame) => (number >> (frame % 24)) & 0x7f);
  const right = new Int16Array(FRAMES).fill(number & 0x7fff);
  const rest = { trackCount: TRACKS_PER_ALBUM, year: 2026, genre: 'Test', comment: '', picture: null };
  return encodeWav({ left, right, rate: RATE }, { ...named, ...rest });
}
