/** Whether what ingest stores is what went in: ten files of every kind, judged by opusinfo, ffprobe and ffmpeg. */
import { mkdtemp, rm } from 'node:fs/promises';
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
    const row = (key: string, unit: string, value: number, must: number, reach = must): Figure =>
      createFigure({ key, unit, values: [value], must, reach, better: 'lower' });
    return [
      row('stored-complaints', 'of opusinfo and ffprobe', judged.complaints.length, 0),
      row('stored-length-off', 'frames', judged.lengthOffMax, 0),
      row('stored-loudness-off', 'LU', judged.loudnessOffMaxLu, LOUDNESS_OFF_MUST_LU, LOUDNESS_OFF_REACH_LU),
      row('stored-album-loudness-off', 'LU', judged.albumLoudnessOffLu, LOUDNESS_OFF_MUST_LU, LOUDNESS_OFF_REACH_LU),
      row('stored-range-off', 'LU', judged.rangeOffMaxLu, RANGE_OFF_MUST_LU),
      row('stored-true-peak-off', 'dB', judged.truePeakOffMaxDb, TRUE_PEAK_OFF_MUST_DB),
    ];
  } finally {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  }
}
