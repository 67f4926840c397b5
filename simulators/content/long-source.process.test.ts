/** What lasts for hours is spooled to the disk: memory does not grow with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiskScratchFiles } from '#bridge/adapters/file-store/disk-scratch-files';
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import { encodeTrack } from '#bridge/core/services/ingest/encode-track';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';

const folder = mkdtempSync(join(tmpdir(), 'tonearm-long-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PIECES = 1_800;
const PIECE_FRAMES = 4 * 48_000;
/** All four qualities of two hours are 540 MB; what the collector has not come to yet is well below this. */
const GROWTH_MAX_BYTES = 100 * 1024 * 1024;

const held = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

describe('a source of two hours', () => {
  it('takes no more memory than one of minutes', async () => {
    let names = 0;
    let early = 0;
    let largest = 0;
    const piece = new Int16Array(PIECE_FRAMES * 2);
    const outcome = await encodeTrack(
      {
        decoder: {
          async *decode() {
            for (let count = 0; count < PIECES; count += 1) {
              if (count === PIECES / 12) early = held();
              largest = Math.max(largest, held());
              yield piece;
            }
          },
        },
        quality: { qualityOf: async () => ({ isLossless: true, bitrateKbps: null }) },
        // Encoding for real would take minutes; packets as long as its are what fills memory, if anything does.
        encoders: {
          create: (bitrateKbps) => ({
            lookaheadFrames: 312,
            encode: () => new Uint8Array((bitrateKbps * 20) / 8),
            setPrediction: () => {},
            close: () => {},
          }),
        },
        sealer: new NodeSegmentSealer(),
        scratch: new DiskScratchFiles(folder, () => {
          names += 1;
          return `scratch-${names}`;
        }),
        alive: () => {
          largest = Math.max(largest, held());
        },
      },
      { sourcePath: 'x', serial: 1, bitratesKbps: LADDER_KBPS, measuresLoudness: false },
    );
    expect(outcome.files.map(({ file }) => file.segmentSizesBytes.length)).toEqual([7_201, 7_201, 7_201, 7_201]);
    expect(largest - early).toBeLessThan(GROWTH_MAX_BYTES);
  }, 120_000);
});
