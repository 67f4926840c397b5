import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseFile } from 'music-metadata';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALBUM, type Album } from './album.ts';
import { composeAlbum } from './compose-album.ts';
import { warmPad } from './instruments/analog-voice.ts';
import { drumKit } from './instruments/drum-kit.ts';
import { woodenBar } from './instruments/struck-bar.ts';
import { master } from './mix/master.ts';
import { renderArrangement } from './mix/render-arrangement.ts';
import { MUSIC_RATE_HZ } from './mix/stereo-buffer.ts';
import type { Piece } from './pieces/piece.ts';
import { createTempo } from './score/tempo.ts';

const TRACKS_MIN = 6;
const TRACK_SECONDS_MIN = 45;

/** Two bars, cut in the middle of a held chord. */
const twoHalves: Piece = {
  titles: ['First Half', 'Second Half'],
  genre: 'Test',
  arrange: () => ({
    seed: 5,
    airDecibels: 0,
    tempo: [{ beat: 0, bpm: 240 }],
    beats: 8,
    tailSeconds: 0.5,
    cuts: [4],
    reverb: { seconds: 0.5, damping: 0.3, preDelaySeconds: 0 },
    delay: { seconds: 0.1, feedback: 0.2 },
    parts: [
      { instrument: warmPad, notes: [{ beat: 0, beats: 8, pitch: 60, velocity: 0.8 }], decibels: 0, reverb: 0.2 },
      { instrument: woodenBar, notes: [{ beat: 4, beats: 1, pitch: 72, velocity: 0.8 }], decibels: 0, delay: 0.2 },
      { instrument: drumKit, notes: [{ beat: 1, beats: 1, pitch: 0, velocity: 0.8 }], decibels: 0 },
    ],
  }),
};
const SMALL: Album = { ...ALBUM, version: 'test', title: 'Small', pieces: [twoHalves] };

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tonearm-album-'));
  folder = join(parent, 'album');
  await mkdir(folder);
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

async function soundOf(path: string): Promise<Buffer> {
  const file = await readFile(path);
  // The last chunk is the sound; its header is found by its size reaching exactly to the end.
  for (let place = file.indexOf('data'); place > 0; place = file.indexOf('data', place + 1)) {
    if (place + 8 + file.readUInt32LE(place + 4) === file.length) return file.subarray(place + 8);
  }
  throw new Error(`${path} has no sound`);
}

describe('composing into a folder', () => {
  it('writes whole, tagged files in order, and leaves nothing unfinished', async () => {
    const told: string[] = [];
    const paths = await composeAlbum(folder, (path, index, total) => told.push(`${index}/${total} ${path}`), SMALL);
    expect(paths.map((path) => basename(path))).toEqual(['01 First Half.wav', '02 Second Half.wav']);
    expect(told).toEqual(paths.map((path, index) => `${index}/2 ${path}`));
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
    const { common, format } = await parseFile(paths[1] ?? '');
    expect(common).toMatchObject({
      title: 'Second Half',
      album: 'Small',
      artist: ALBUM.artist,
      track: { no: 2, of: 2 },
    });
    expect(common.picture?.[0]?.format).toBe('image/png');
    expect(format).toMatchObject({ sampleRate: MUSIC_RATE_HZ, numberOfChannels: 2 });
  });

  it('cuts one piece into two files without losing or repeating a frame', async () => {
    const paths = await composeAlbum(folder, undefined, SMALL);
    const both = Buffer.concat(await Promise.all(paths.map(soundOf)));
    const arrangement = twoHalves.arrange();
    const { mix, cutFrames } = renderArrangement(arrangement);
    const { left, right } = master(mix, arrangement.seed);
    expect(cutFrames).toEqual([MUSIC_RATE_HZ]);
    expect((await soundOf(paths[0] ?? '')).length).toBe(MUSIC_RATE_HZ * 4);
    expect(both.length).toBe(left.length * 4);
    for (const frame of [0, MUSIC_RATE_HZ - 1, MUSIC_RATE_HZ, left.length - 1]) {
      expect([both.readInt16LE(frame * 4), both.readInt16LE(frame * 4 + 2)]).toEqual([left[frame], right[frame]]);
    }
  });

  it('makes only what is missing, and makes it the same again', async () => {
    const [first = '', second = ''] = await composeAlbum(folder, undefined, SMALL);
    const before = await readFile(second);
    await rm(second);
    await writeFile(first, 'left alone');
    await composeAlbum(folder, undefined, SMALL);
    expect(await readFile(first, 'utf8')).toBe('left alone');
    expect((await readFile(second)).equals(before)).toBe(true);
  });

  it('replaces what an older version wrote, and touches nothing else', async () => {
    await writeFile(join(folder, '.tonearm-album'), 'older\n01 First Half.wav\n03 Gone.wav\n../outside.wav');
    for (const name of ['01 First Half.wav', '03 Gone.wav', 'my own.wav']) await writeFile(join(folder, name), 'old');
    const outside = join(folder, '..', 'outside.wav');
    await writeFile(outside, 'old');
    await composeAlbum(folder, undefined, SMALL);
    expect((await readdir(folder)).sort()).toEqual([
      '.tonearm-album',
      '01 First Half.wav',
      '02 Second Half.wav',
      'my own.wav',
    ]);
    expect((await readFile(join(folder, '01 First Half.wav'))).length).toBeGreaterThan(10_000);
    expect(await readFile(outside, 'utf8')).toBe('old');
  });
});

describe('the album', () => {
  const arranged = ALBUM.pieces.map((piece) => ({ piece, arrangement: piece.arrange() }));

  it('has tracks enough, each long enough, two of them one piece', () => {
    const lengths = arranged.flatMap(({ piece, arrangement }) => {
      const tempo = createTempo(arrangement.tempo);
      const edges = [0, ...arrangement.cuts.map(tempo.secondsAt), tempo.secondsAt(arrangement.beats)];
      expect(edges).toHaveLength(piece.titles.length + 1);
      return piece.titles.map((_, part) => (edges[part + 1] ?? 0) - (edges[part] ?? 0));
    });
    expect(lengths.length).toBeGreaterThanOrEqual(TRACKS_MIN);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(TRACK_SECONDS_MIN);
    expect(arranged.filter(({ arrangement }) => arrangement.cuts.length === 1)).toHaveLength(1);
  });

  it('plays within its bars, and moods and tempi differ', () => {
    for (const { arrangement } of arranged) {
      for (const note of arrangement.parts.flatMap((part) => part.notes)) {
        expect(note.beat).toBeGreaterThanOrEqual(0);
        expect(note.beat).toBeLessThan(arrangement.beats);
        expect(note.beats).toBeGreaterThan(0);
        expect(note.velocity).toBeGreaterThan(0);
        expect(note.velocity).toBeLessThanOrEqual(1);
      }
    }
    expect(new Set(arranged.map(({ arrangement }) => arrangement.tempo[0]?.bpm)).size).toBe(arranged.length);
    expect(new Set(arranged.map(({ piece }) => piece.genre)).size).toBeGreaterThanOrEqual(5);
  });
});
