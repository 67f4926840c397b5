/** A slice store on a disk that is full: a small file system of its own, where one may be mounted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSlotSliceStore } from '#bridge/adapters/edge-cache/slot-slice-store';
import { silentLogger } from '#protocol/kit/silent-logger';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';

const FILE = fileId('f'.repeat(64));
const SLICE = bytes(64 * 1024);
const folder = mkdtempSync(join(tmpdir(), 'tonearm-full-'));
const isMounted = mountSmall();

/** A file system of 1 MiB; false where nobody may mount one. */
function mountSmall(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    return true;
  } catch (thrown) {
    console.warn(`skipped: no file system can be mounted here: ${String(thrown).split('\n', 1)[0]}`);
    return false;
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', [folder]);
  rmdirSync(folder);
});

describe.skipIf(!isMounted)('a slice store on a full disk', () => {
  it('goes on with the slots that it has, and serves what it kept', async () => {
    const options = { folder, name: 'files', sliceBytes: SLICE, limitBytes: bytes(64 * 1024 * 1024) };
    const store = await openSlotSliceStore(options, silentLogger);
    const slice = (value: number) => new Uint8Array(SLICE).fill(value);
    for (let index = 0; index < 40; index += 1) await store.write(FILE, index, bytes(40 * SLICE), slice(index));
    const { slices, slicesMax, evicted, unwritten } = store.usage();
    expect(unwritten).toBeGreaterThan(0);
    expect(slices).toBe(slicesMax);
    expect(slices).toBeGreaterThan(8);
    expect(slices).toBeLessThan(17);
    expect(evicted).toBe(40 - unwritten - slices);
    expect((await store.read(FILE, 39))?.[7]).toBe(39);
    await store.close();
    const again = await openSlotSliceStore(options, silentLogger);
    expect((await again.read(FILE, 39))?.[7]).toBe(39);
    await again.close();
  });
});
