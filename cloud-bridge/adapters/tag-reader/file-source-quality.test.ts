import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noFfmpegReason, writeCodedTone, writeWavTone } from '#sim/content/music-files';
import { FileSourceQuality } from './file-source-quality.ts';

const folder = mkdtempSync(join(tmpdir(), 'tonearm-quality-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const quality = new FileSourceQuality();
const tone = (name: string) => ({ path: join(folder, name), rateHz: 44_100, frames: 3 * 44_100 });

describe('how good a source is', () => {
  it('is told of WAV without help', async () => {
    writeWavTone(tone('a.wav'));
    expect((await quality.qualityOf(join(folder, 'a.wav'))).isLossless).toBe(true);
  });

  it('is not known of what is no music, or is not there', async () => {
    writeFileSync(join(folder, 'letter.mp3'), 'Dear Sir');
    expect(await quality.qualityOf(join(folder, 'letter.mp3'))).toEqual({ isLossless: false, bitrateKbps: null });
    expect(await quality.qualityOf(join(folder, 'none.mp3'))).toEqual({ isLossless: false, bitrateKbps: null });
  });

  it.skipIf(noFfmpegReason !== null).each([
    ['b.flac', ['-c:a', 'flac'], true, null],
    ['c.m4a', ['-c:a', 'alac'], true, null],
    ['d.mp3', ['-c:a', 'libmp3lame', '-b:a', '128k'], false, 128],
    ['e.mp3', ['-c:a', 'libmp3lame', '-b:a', '320k'], false, 320],
    ['f.ogg', ['-c:a', 'libvorbis', '-b:a', '128k'], false, null],
    ['g.m4a', ['-c:a', 'aac', '-b:a', '128k'], false, null],
    ['h.opus', ['-c:a', 'libopus', '-b:a', '96k'], false, null],
  ] as const)('is told of %s', async (name, codec, isLossless, bitrate) => {
    writeCodedTone(tone(name), codec);
    const told = await quality.qualityOf(join(folder, name));
    expect(told.isLossless).toBe(isLossless);
    if (bitrate !== null) expect(told.bitrateKbps).toBe(bitrate);
    else if (!isLossless) expect(told.bitrateKbps).toBeLessThan(200);
  });
});
