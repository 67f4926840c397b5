/** Takes a few files of every kind in, opens what was stored as a speaker would, and has others judge it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { albumLoudnessOf } from '#bridge/core/services/ingest/loudness-blocks';
import type { EncodingRoom } from './encoding-room.ts';
import { unsealed } from './sealed-files.ts';
import { complaintsAbout, decodedFrames, loudnessByFfmpeg } from './stored-file-checks.ts';
import { framesOf, makeVariedFile, type VariedFile } from './varied-music.ts';

export interface StoredFilesJudged {
  readonly files: number;
  /** `name kbit/s: what is wrong`. */
  readonly complaints: readonly string[];
  /** Frames that the decoded length of any quality is off from the source's. */
  readonly lengthOffMax: number;
  /** Ours against ffmpeg's of the source. */
  readonly loudnessOffMaxLu: number;
  readonly rangeOffMaxLu: number;
  readonly truePeakOffMaxDb: number;
  /** Of the stereo files as one album, from what their tracks kept, against ffmpeg's of all in a row. */
  readonly albumLoudnessOffLu: number;
}

/** @param folder for the files, removed by the caller */
export async function checkStoredFiles(
  room: EncodingRoom,
  folder: string,
  music: readonly VariedFile[],
  seconds: number,
): Promise<StoredFilesJudged> {
  const off = { length: 0, loudness: 0, range: 0, peak: 0 };
  const complaints: string[] = [];
  const album: { readonly path: string; readonly outcome: EncodeOutcome }[] = [];
  let files = 0;
  for (const file of music) {
    const path = await makeVariedFile(folder, file, seconds);
    const outcome = await room.encode(path);
    off.length = Math.max(off.length, Math.abs(outcome.durationFrames - framesOf(seconds)));
    for (const { file: stored, scratchPath } of outcome.files) {
      const plain = join(folder, `${file.name}-${stored.bitrateKbps}.ogg`);
      await writeFile(plain, Buffer.concat(unsealed(stored, await readFile(scratchPath))));
      for (const complaint of await complaintsAbout(plain)) {
        complaints.push(`${file.name} ${stored.bitrateKbps}: ${complaint}`);
      }
      off.length = Math.max(off.length, Math.abs((await decodedFrames(plain)) - framesOf(seconds)));
      files += 1;
    }
    const theirs = await loudnessByFfmpeg([path], file.toStereo);
    const ours = outcome.loudness;
    off.loudness = Math.max(off.loudness, distance(ours?.integratedLufs, theirs.integratedLufs));
    off.range = Math.max(off.range, distance(ours?.rangeLu, theirs.rangeLu));
    off.peak = Math.max(off.peak, distance(ours?.truePeakDbtp, theirs.truePeakDbtp));
    if (file.toStereo === undefined) album.push({ path, outcome });
  }
  return {
    files,
    complaints,
    lengthOffMax: off.length,
    loudnessOffMaxLu: off.loudness,
    rangeOffMaxLu: off.range,
    truePeakOffMaxDb: off.peak,
    albumLoudnessOffLu: await albumOff(album),
  };
}

async function albumOff(album: readonly { readonly path: string; readonly outcome: EncodeOutcome }[]): Promise<number> {
  const ours = albumLoudnessOf(
    album.map(({ outcome }) => ({
      blocks: outcome.loudnessBlocks ?? new Uint8Array(2),
      truePeakDbtp: outcome.loudness?.truePeakDbtp ?? null,
    })),
  );
  const theirs = await loudnessByFfmpeg(album.map(({ path }) => path));
  return distance(ours?.integratedLufs, theirs.integratedLufs);
}

/** Infinity when there is nothing to compare: a missing figure must not pass for a good one. */
function distance(ours: number | undefined, theirs: number): number {
  const off = Math.abs((ours ?? Number.NaN) - theirs);
  return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
}
