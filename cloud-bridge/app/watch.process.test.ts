import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { writeWavTone } from '#sim/content/music-files';
import { type Content, composeContent } from './compose-content.ts';

const ALL = { offset: 0, limit: 100 };
let folder = '';
let content: Content;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-watched-'));
  mkdirSync(join(folder, 'music', 'A'), { recursive: true });
  tone('A/1.wav', 440);
  const shared = { clock: createSystemClock(), random: createSystemRandom(), logger: silentLogger };
  content = await composeContent({ ...shared, dataDir: join(folder, 'data') }, { decoder: 'wasm', encodeThreads: 1 });
  await content.ingest.begin(join(folder, 'music'));
  await content.ingest.settled();
});
afterEach(async () => {
  await content.close();
  rmSync(folder, { recursive: true, force: true });
});

function tone(name: string, hz: number): void {
  writeWavTone({ path: join(folder, 'music', name), rateHz: 48_000, frames: 4_800, hz });
}

async function library(): Promise<ReadonlyMap<string, string>> {
  return new Map((await content.catalogue.allTracks(ALL)).items.map((track) => [track.title, track.id]));
}

async function untilTitles(...titles: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return vi.waitFor(
    async () => {
      const tracks = await library();
      expect([...tracks.keys()].sort()).toEqual([...titles].sort());
      return tracks;
    },
    { timeout: 15_000, interval: 100 },
  );
}

describe('a folder that was ingested once', () => {
  it('is as its files are: added, renamed, changed, removed', async () => {
    const before = await untilTitles('1');
    mkdirSync(join(folder, 'music', 'B'));
    tone('B/2.wav', 550);
    await untilTitles('1', '2');
    renameSync(join(folder, 'music', 'A', '1.wav'), join(folder, 'music', 'B', 'renamed.wav'));
    const after = await untilTitles('renamed', '2');
    expect(after.get('renamed')).toBe(before.get('1'));
    const second = after.get('2');
    tone('B/2.wav', 660);
    await vi.waitFor(async () => expect((await library()).get('2')).not.toBe(second), {
      timeout: 15_000,
      interval: 100,
    });
    writeFileSync(join(folder, 'music', 'B', '2.lrc'), '[00:00.50]Hum');
    const { lyrics, catalogue } = content;
    await vi.waitFor(
      async () => {
        const track = (await catalogue.allTracks(ALL)).items.find(({ title }) => title === '2');
        expect(track === undefined ? null : await lyrics.lyrics(track.id)).toMatchObject({ ok: true });
      },
      { timeout: 15_000, interval: 100 },
    );
    rmSync(join(folder, 'music', 'B', '2.wav'));
    copyFileSync(join(folder, 'music', 'B', 'renamed.wav'), join(folder, 'music', 'A', 'renamed.wav'));
    await untilTitles('renamed');
    const kinds = content.ingest
      .changes()
      .after(0)
      .map(({ kind }) => kind);
    expect(kinds.slice(0, 4)).toEqual(['added', 'added', 'renamed', 'changed']);
  });
});
