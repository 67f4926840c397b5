/** Nothing is allocated per block between decoder and device, in whatever mood: collecting it would be heard one day. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const LOOP = path.join(import.meta.dirname, '..', '..', '..', '..', 'simulators', 'speakers', 'mixing-loop.ts');
/** So large a young generation that nothing is collected while it is measured. */
const FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
/** One object a block would already be more than this. */
const BYTES_PER_BLOCK_MAX = 12;
/** A change that somebody makes may have a few objects of its own; here one is made with each block. */
const BYTES_PER_CHANGE_MAX = 256;
const FRAMES_PER_ROUND = 3_000 * 480;

interface Measured {
  readonly bytesPerBlock: number;
  readonly arrayBufferBytes: number;
  readonly sentFrames: number;
}

describe('what turns blocks into samples', () => {
  it.each([
    ['16', BYTES_PER_BLOCK_MAX],
    ['24', BYTES_PER_BLOCK_MAX],
    ['32', BYTES_PER_BLOCK_MAX],
    ['16 over', BYTES_PER_BLOCK_MAX],
    ['16 crossing', BYTES_PER_BLOCK_MAX],
    ['16 turning', BYTES_PER_CHANGE_MAX],
  ])(
    'allocates nothing per block: %s',
    async (mood, most) => {
      const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, LOOP, ...mood.split(' ')]);
      const { bytesPerBlock, arrayBufferBytes, sentFrames } = JSON.parse(stdout) as Measured;
      expect(sentFrames).toBeGreaterThan(FRAMES_PER_ROUND);
      expect(bytesPerBlock).toBeLessThan(most);
      expect(arrayBufferBytes).toBe(0);
    },
    60_000,
  );
});
