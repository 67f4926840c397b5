/**
 * What the players are given to play: noise that is loud in every millisecond and names its own place, on one side in
 * the first half of a track and on the other in the second, so that the first sample of what was skipped or sought to
 * can be told from the last of what was left.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import type { Side } from '#sim/listening/sides';
import { chirp } from '#sim/music/test-signals';
import { encodeWav } from '#sim/music/wav-file';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';

const RATE = RECORDING_RATE_HZ;
const SEED = 500;
/** What the speakers here play by default, for the peers too. */
const PEER_KBPS = 160;

export interface TurningTrack {
  readonly title: string;
  readonly samples: Float32Array;
  /** Of its first half; the second half is on the other. */
  readonly side: Side;
  readonly seconds: number;
}

/** Neighbours begin on different sides. */
export function createTurningTracks(count: number, seconds: number): readonly TurningTrack[] {
  return Array.from({ length: count }, (_, index) => ({
    title: `Turn ${String(index).padStart(2, '0')}`,
    samples: fingerprintTrack(SEED + index, seconds * RATE),
    side: index % 2 === 0 ? 'left' : 'right',
    seconds,
  }));
}

const SEGUE_SECONDS = 12;
/** Not a whole number of packets, so that a join at a packet's edge would be heard as wrong. */
const SEGUE_JOIN_FRAME = 6 * RATE - 137;
const SEGUE_ALBUM = 'One piece';

/** One piece, to be cut at a frame: a tone that rises all the time, which an encoder keeps closely and any part tells. */
export function createSegue(): { readonly samples: Float32Array; readonly joinFrame: number } {
  return { samples: chirp(150, 2_400, SEGUE_SECONDS * RATE), joinFrame: SEGUE_JOIN_FRAME };
}

/** Titles of its two halves. */
export const SEGUE_TITLES = ['Segue 1', 'Segue 2'] as const;

/** The two halves as tracks of an album. */
export async function writeSegue(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { samples, joinFrame } = createSegue();
  const halves = [samples.subarray(0, joinFrame), samples.subarray(joinFrame)];
  for (const [index, half] of halves.entries()) {
    const title = SEGUE_TITLES[index] ?? '';
    const place = { title, album: SEGUE_ALBUM, trackNumber: index + 1, trackCount: halves.length };
    const rest = { artist: 'The bench', year: 2026, genre: 'Tone', comment: '', picture: null };
    const wav = encodeWav({ left: half, right: half, rate: RATE }, { ...place, ...rest });
    await writeFile(join(folder, `${title}.wav`), wav);
  }
}

/** One WAV each, named by its title: for a bridge to take in. */
export async function writeTurningTracks(folder: string, tracks: readonly TurningTrack[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const track of tracks) await writeFile(join(folder, `${track.title}.wav`), wavOf(track));
}

/** The same as Ogg Opus of the same rate, for players that take files: `00.opus` and so on. */
export async function writePeerFiles(folder: string, tracks: readonly TurningTrack[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, track] of tracks.entries()) {
    const wav = join(folder, `${index}.wav`);
    await writeFile(wav, wavOf(track));
    const target = join(folder, peerFileName(index));
    const sound = ['-c:a', 'libopus', '-b:a', `${PEER_KBPS}k`];
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', wav, ...sound, target]);
  }
}

export function peerFileName(index: number): string {
  return `${String(index).padStart(2, '0')}.opus`;
}

function wavOf({ samples, side }: TurningTrack): Uint8Array {
  const half = samples.length >> 1;
  const [first, second] = [new Float32Array(samples.length), new Float32Array(samples.length)];
  first.set(samples.subarray(0, half));
  second.set(samples.subarray(half), half);
  const [left, right] = side === 'left' ? [first, second] : [second, first];
  return encodeWav({ left, right, rate: RATE });
}
