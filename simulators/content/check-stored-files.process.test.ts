import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkStoredFiles } from './check-stored-files.ts';
import { EncodingRoom } from './encoding-room.ts';
import { noCheckersReason } from './stored-file-checks.ts';
import { VARIED_MUSIC } from './varied-music.ts';

const SECONDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'tonearm-stored-'));
const room = new EncodingRoom(join(folder, 'scratch'), 2);
afterEach(async () => {
  await room.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(noCheckersReason !== null)('stored files', () => {
  it('are what opusinfo, ffprobe and ffmpeg take for the music that went in', async () => {
    const music = VARIED_MUSIC.filter(({ name }) => ['swelling.flac', 'steps.mp3', 'one.aiff'].includes(name));
    const judged = await checkStoredFiles(room, folder, music, SECONDS);
    expect(judged.files).toBe(music.length * 4);
    expect(judged.complaints).toEqual([]);
    expect(judged.lengthOffMax).toBe(0);
    expect(judged.loudnessOffMaxLu).toBeLessThanOrEqual(0.2);
    expect(judged.albumLoudnessOffLu).toBeLessThanOrEqual(0.2);
    expect(judged.truePeakOffMaxDb).toBeLessThanOrEqual(0.5);
  }, 60_000);
});
