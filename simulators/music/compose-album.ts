/**
 * Composes the sample album into a folder: music to play on a machine that has none. Ours from the first sample on, so
 * it can be given away, and the same on every machine.
 *
 * The first track is written first and within seconds, so that it can be ingested and heard while the others are made.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ALBUM, type Album } from './album.ts';
import { drawCover } from './cover/cover-art.ts';
import { master } from './mix/master.ts';
import { renderArrangement } from './mix/render-arrangement.ts';
import { MUSIC_RATE_HZ } from './mix/stereo-buffer.ts';
import type { Piece } from './pieces/piece.ts';
import { encodeWav } from './wav-file.ts';
import type { WavTags } from './wav-tags.ts';

/** First line: the version of the folder's files. The others: their names. */
const VERSION_FILE = '.tonearm-album';

/** One file of the album, before it is made. */
interface PlannedTrack {
  readonly piece: Piece;
  /** Which part of its piece. */
  readonly part: number;
  readonly title: string;
  /** From 1. */
  readonly number: number;
  readonly path: string;
}

/**
 * Files that are there in the right version are left alone; a file appears under its name only when it is whole.
 * @param onTrack called after each file, those left alone too, in the album's order
 * @param album another than ours, for tests
 * @returns the paths in the album's order
 */
export async function composeAlbum(
  outDir: string,
  onTrack: (path: string, index: number, total: number) => void = () => undefined,
  album: Album = ALBUM,
): Promise<string[]> {
  const folder = resolve(outDir);
  await mkdir(folder, { recursive: true });
  const tracks = planTracks(folder, album);
  await discardOlder(folder, tracks, album.version);
  const missing = new Set<PlannedTrack>();
  for (const track of tracks) if (!(await exists(track.path))) missing.add(track);
  const cover = missing.size === 0 ? new Uint8Array(0) : drawCover();
  for (const piece of album.pieces) {
    const own = tracks.filter((track) => track.piece === piece);
    if (own.some((track) => missing.has(track))) await writePiece(own, missing, tracks.length, album, cover);
    for (const track of own) onTrack(track.path, track.number - 1, tracks.length);
  }
  return tracks.map((track) => track.path);
}

/** Removes what an older version wrote (its own list says what), and says that this one has begun. */
async function discardOlder(folder: string, tracks: readonly PlannedTrack[], current: string): Promise<void> {
  const marker = join(folder, VERSION_FILE);
  const [version, ...names] = (await readFile(marker, 'utf8').catch(() => '')).split('\n');
  if (version === current) return;
  for (const name of names) if (name !== '' && name === basename(name)) await rm(join(folder, name), { force: true });
  await writeWhole(marker, [current, ...tracks.map((track) => basename(track.path))].join('\n'));
}

function planTracks(folder: string, album: Album): PlannedTrack[] {
  const tracks: PlannedTrack[] = [];
  for (const piece of album.pieces) {
    piece.titles.forEach((title, part) => {
      const number = tracks.length + 1;
      tracks.push({
        piece,
        part,
        title,
        number,
        path: join(folder, `${String(number).padStart(2, '0')} ${title}.wav`),
      });
    });
  }
  return tracks;
}

async function writePiece(
  own: readonly PlannedTrack[],
  missing: ReadonlySet<PlannedTrack>,
  trackCount: number,
  album: Album,
  cover: Uint8Array,
): Promise<void> {
  const arrangement = own[0]?.piece.arrange();
  if (arrangement === undefined) return;
  const { mix, cutFrames } = renderArrangement(arrangement);
  const { left, right } = master(mix, arrangement.seed);
  const edges = [0, ...cutFrames, left.length];
  for (const track of own) {
    if (!missing.has(track)) continue;
    const [from, to] = [edges[track.part], edges[track.part + 1]];
    const audio = { left: left.subarray(from, to), right: right.subarray(from, to), rate: MUSIC_RATE_HZ };
    await writeWhole(track.path, encodeWav(audio, tagsOf(track, trackCount, album, cover)));
  }
}

function tagsOf(track: PlannedTrack, trackCount: number, album: Album, cover: Uint8Array): WavTags {
  return {
    title: track.title,
    artist: album.artist,
    album: album.title,
    trackNumber: track.number,
    trackCount,
    year: album.year,
    genre: track.piece.genre,
    comment: album.comment,
    picture: { mediaType: 'image/png', bytes: cover },
  };
}

/** Nobody sees half a file: who lists the folder finds the old one, the new one, or none. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.part`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === import.meta.filename) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error('usage: compose-album.ts FOLDER');
    process.exitCode = 2;
  } else {
    await composeAlbum(folder, (path, index, total) => console.log(`${index + 1}/${total} ${path}`));
  }
}
