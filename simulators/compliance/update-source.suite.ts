/** What every source of updates must do, over a factory: give the offer, the map and exactly the bytes that are asked for. */
import { describe, expect, it } from 'vitest';
import type { UpdateSource } from '#device/core/ports/update-source';
import { type MadeRelease, ReleaseMaker } from '#sim/updates/release-maker';

export interface UpdateSourceUnderTest {
  readonly source: UpdateSource;
  close(): Promise<void>;
}

/** Larger than what a file system gives at once, and no whole number of blocks. */
const CONTENT_BYTES = 200_001;

/** @param create a source that has this release on offer for a speaker that runs an older one */
export function updateSourceSuite(
  name: string,
  create: (made: MadeRelease, maker: ReleaseMaker) => Promise<UpdateSourceUnderTest>,
): void {
  const maker = new ReleaseMaker();
  const made = maker.make(
    2,
    Uint8Array.from({ length: CONTENT_BYTES }, (_, at) => (at * 31 + (at >> 8)) % 256),
  );
  const { sha256 } = made.manifest.artifact;
  const about = { arch: 'x64', version: '0.1.0', seq: 1 } as const;

  describe(`${name} as a source of updates`, () => {
    const using = async (body: (source: UpdateSource) => Promise<void>) => {
      const under = await create(made, maker);
      try {
        await body(under.source);
      } finally {
        await under.close();
      }
    };

    it('gives the offer as it was signed', () =>
      using(async (source) => {
        const offer = await source.offer(about);
        expect(offer.ok && offer.value?.manifest).toEqual(made.offer.manifest);
      }));

    it('gives the map as its hash was made', () =>
      using(async (source) => {
        expect(await source.blocks(sha256)).toEqual({ ok: true, value: made.blocksText });
      }));

    it('gives exactly the bytes that are asked for, from the first to the last', () =>
      using(async (source) => {
        for (const [offset, length] of [
          [0, 1],
          [65_536, 131_072],
          [CONTENT_BYTES - 1, 1],
          [CONTENT_BYTES - 70_000, 70_000],
        ] as const) {
          const range = await source.range(sha256, offset, length);
          expect(range.ok && Buffer.from(range.value).equals(made.content.subarray(offset, offset + length))).toBe(
            true,
          );
        }
      }));

    it('refuses bytes that there are not', () =>
      using(async (source) => {
        expect((await source.range(sha256, CONTENT_BYTES - 1, 2)).ok).toBe(false);
        expect((await source.range(sha256, CONTENT_BYTES, 1)).ok).toBe(false);
      }));

    it('takes a report without a word', () =>
      using(async (source) => {
        source.report({ running: '0.1.0', version: '0.2.0', seq: 2, stage: 'good', reason: null });
      }));
  });
}
