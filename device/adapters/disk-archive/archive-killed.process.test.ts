/** An archive whose process is killed at random moments, again and again, on one folder. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { ChildProgram } from '#sim/processes/child-program';
import { SeededRandom } from '#sim/world/seeded-random';
import { createDiskChunkArchive } from './disk-chunk-archive.ts';

const KILLS = 8;
const KILL_WITHIN_MS = 60;
const WAIT_MS = 10_000;
const LIMIT = bytes(300_000);
const FILES = 6;
const SEGMENTS = 40;
const SIZE_BYTES = 4_000;

/** Writes all it can, for as long as somebody has its input open; each segment says in each byte where it belongs. */
const WRITER = `
import { createDiskChunkArchive } from '#device/adapters/disk-archive/disk-chunk-archive';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
const [folder, seed] = process.argv.slice(1);
process.stdin.on('end', () => process.exit()).resume();
const ports = { clock: createSystemClock(), logger: silentLogger };
const archive = createDiskChunkArchive(ports, { folder, limitBytes: ${LIMIT} });
await archive.ready();
console.log(JSON.stringify({ event: 'writing' }));
for (let turn = Number(seed); ; turn += 7) {
  const [file, segment] = [turn % ${FILES}, turn % ${SEGMENTS}];
  archive.put(String(file).repeat(64), segment, new Uint8Array(${SIZE_BYTES} + turn % 50).fill(file * ${SEGMENTS} + segment));
  if (turn % 3 === 0) archive.remove(String(turn % ${FILES}).repeat(64), (turn * 5) % ${SEGMENTS});
  await new Promise((resolve) => setImmediate(resolve));
}
`;

async function bytesIn(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return size;
}

describe('an archive killed at any moment', () => {
  it('has whole segments and no more than its limit', async () => {
    const seed = Number(process.env['TONEARM_SEED'] ?? Date.now() % 1_000_000);
    const random = new SeededRandom(seed);
    const folder = join(await mkdtemp(join(tmpdir(), 'tonearm-killed-')), 'cache');
    const ports = { clock: createSystemClock(), logger: silentLogger };
    let segmentsSeen = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const where = `TONEARM_SEED=${seed}, kill ${kill}`;
      const args = ['--input-type=module', '--eval', WRITER, folder, String(random.between(0, 1_000))];
      const child = new ChildProgram('archive writer', process.execPath, args, { cwd: process.cwd(), isTold: true });
      await child.waitForEvent('writing', WAIT_MS);
      await new Promise((resolve) => setTimeout(resolve, random.fraction() * KILL_WITHIN_MS));
      child.kill('SIGKILL');
      await child.waitForExit(WAIT_MS);
      expect(await bytesIn(folder), where).toBeLessThanOrEqual(LIMIT);
      const archive = createDiskChunkArchive(ports, { folder, limitBytes: LIMIT });
      await archive.ready();
      expect(archive.sizeBytes(), where).toBe(await bytesIn(folder));
      for (let place = 0; place < FILES * SEGMENTS; place += 1) {
        const [file, segment] = [Math.floor(place / SEGMENTS), place % SEGMENTS];
        const sealed = await archive.read(fileId(String(file).repeat(64)), segment);
        if (sealed === undefined) continue;
        segmentsSeen += 1;
        expect(sealed.length, where).toBeGreaterThanOrEqual(SIZE_BYTES);
        expect(
          sealed.every((value) => value === place % 256),
          where,
        ).toBe(true);
      }
      await archive.close();
    }
    expect(segmentsSeen).toBeGreaterThan(KILLS);
    await rm(folder, { recursive: true });
  }, 60_000);
});
