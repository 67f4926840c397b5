/**
 * Whether what ingest stores is what went in: ten files of every kind, judged by opusinfo, ffprobe and ffmpeg; and how
 * soon it says of a broken file that it is.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkStoredFiles } from '#sim/content/check-stored-files';
import { EncodingRoom } from '#sim/content/encoding-room';
import { noCheckersReason } from '#sim/content/stored-file-checks';
import { VARIED_MUSIC } from '#sim/content/varied-music';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const SECONDS = 30;
const SMOKE_SECONDS = 5;
/** What ffmpeg prints is rounded to a tenth. */
const LOUDNESS_OFF_MUST_LU = 0.2;
const LOUDNESS_OFF_REACH_LU = 0.1;
/** Two filters that each oversample fourfold find the crest of a wave this closely (BS.1770-5, annex 2). */
const TRUE_PEAK_OFF_MUST_DB = 0.5;
/** Percentiles of few blocks jump by steps; half a unit is less than a player's policy tells apart. */
const RANGE_OFF_MUST_LU = 0.5;
/** A file that is no music holds up the next by no more than this. */
const REFUSAL_MUST_MS = 1_000;
const REFUSAL_REACH_MS = 300;
const NOISE_BYTES = 2_000_000;

export async function measureStoredFiles({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  if (noCheckersReason !== null) {
    say(`stored files are not judged: ${noCheckersReason}`);
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-stored-'));
  const room = new EncodingRoom(join(folder, 'scratch'), availableParallelism());
  try {
    const judged = await checkStoredFiles(room, folder, VARIED_MUSIC, isSmoke ? SMOKE_SECONDS : SECONDS);
    for (const complaint of judged.complaints) say(complaint);
    say(`${judged.files} stored files of ${VARIED_MUSIC.length} sources judged`);
    const refusalMs = await slowestRefusal(room, folder);
    const row = (key: string, unit: string, value: number, must: number, reach = must): Figure =>
      createFigure({ key, unit, values: [value], must, reach, better: 'lower' });
    return [
      row('stored-complaints', 'of opusinfo and ffprobe', judged.complaints.length, 0),
      row('stored-length-off', 'frames', judged.lengthOffMax, 0),
      row('stored-loudness-off', 'LU', judged.loudnessOffMaxLu, LOUDNESS_OFF_MUST_LU, LOUDNESS_OFF_REACH_LU),
      row('stored-album-loudness-off', 'LU', judged.albumLoudnessOffLu, LOUDNESS_OFF_MUST_LU, LOUDNESS_OFF_REACH_LU),
      row('stored-range-off', 'LU', judged.rangeOffMaxLu, RANGE_OFF_MUST_LU),
      row('stored-true-peak-off', 'dB', judged.truePeakOffMaxDb, TRUE_PEAK_OFF_MUST_DB),
      row('malformed-refused-slowest', 'ms', refusalMs, REFUSAL_MUST_MS, REFUSAL_REACH_MS),
    ];
  } finally {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds until the slowest of some broken files is refused. @throws when one is taken for music */
async function slowestRefusal(room: EncodingRoom, folder: string): Promise<number> {
  const noise = Uint8Array.from({ length: NOISE_BYTES }, (_, index) => (index * index * 31 + (index >> 7)) % 256);
  const broken: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['letter.mp3', new TextEncoder().encode('Dear Sir')],
    ['empty.flac', new Uint8Array(0)],
    ['zeros.m4a', new Uint8Array(NOISE_BYTES)],
    ['noise.ogg', noise],
    ['head-only.flac', new TextEncoder().encode('fLaC')],
  ];
  let slowest = 0;
  for (const [name, content] of broken) {
    const path = join(folder, name);
    await writeFile(path, content);
    const startedAt = performance.now();
    const wasTaken = await room.encode(path).then(
      () => true,
      () => false,
    );
    if (wasTaken) throw new Error(`${name} was taken for music`);
    slowest = Math.max(slowest, performance.now() - startedAt);
  }
  return slowest;
}
