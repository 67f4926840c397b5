/** The segment table that ingest writes, read by what a speaker seeks with: any length, any position, any quality. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import type { PacketEncoder } from '#bridge/core/ports/packet-encoder';
import type { EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { encodeTrack } from '#bridge/core/services/ingest/encode-track';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';
import type { Kbps } from '#protocol/vocabulary/units';
import { MemoryScratchFiles } from './memory-scratch-files.ts';
import { packetsOf, unsealed } from './sealed-files.ts';

const PACKET_FRAMES = 960;

/** Packets that carry their own number and are as long as the bitrate and chance have it. */
function numbering(bitrateKbps: Kbps, lengths: readonly number[]): PacketEncoder {
  let count = 0;
  return {
    lookaheadFrames: 312,
    encode: () => {
      const packet = new Uint8Array(4 + ((lengths[count % lengths.length] ?? 0) * bitrateKbps) / 8);
      new DataView(packet.buffer).setUint32(0, count);
      count += 1;
      return packet;
    },
    setPrediction: () => {},
    close: () => {},
  };
}

async function encode(
  durationFrames: number,
  lengths: readonly number[],
): Promise<{ readonly outcome: EncodeOutcome; readonly scratch: MemoryScratchFiles }> {
  const scratch = new MemoryScratchFiles();
  const outcome = await encodeTrack(
    {
      decoder: {
        async *decode() {
          yield new Int16Array(durationFrames * 2);
        },
      },
      quality: { qualityOf: async () => ({ isLossless: true, bitrateKbps: null }) },
      encoders: { create: (bitrateKbps) => numbering(bitrateKbps, lengths) },
      sealer: new NodeSegmentSealer(),
      scratch,
      alive: () => {},
    },
    { sourcePath: 'x', serial: 3, bitratesKbps: LADDER_KBPS, measuresLoudness: false },
  );
  return { outcome, scratch };
}

describe('the segment table', () => {
  it('leads from any position, in any quality, to the segment that holds it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 * 48_000 }),
        fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (durationFrames, lengths, part) => {
          const { outcome, scratch } = await encode(durationFrames, lengths);
          const position = Math.floor(part * durationFrames);
          for (const { file, scratchPath } of outcome.files) {
            const segments = unsealed(file, scratch.finished.get(scratchPath) ?? new Uint8Array(0));
            const counted = position + file.preSkipFrames;
            const segment = Math.floor(counted / file.segmentFrames);
            expect(segments).toHaveLength(Math.ceil((durationFrames + file.preSkipFrames) / file.segmentFrames));
            // The headers lie in the first segment; what `packetsOf` leaves out of another would be its music.
            const before = packetsOf(segments.slice(0, segment)).length;
            const upTo = packetsOf(segments.slice(0, segment + 1));
            const wanted = Math.floor(counted / PACKET_FRAMES);
            expect(wanted).toBeGreaterThanOrEqual(before);
            expect(Buffer.from(upTo[wanted] ?? []).readUInt32BE()).toBe(wanted);
          }
          const shapes = outcome.files.map(({ file }) => [file.preSkipFrames, file.segmentSizesBytes.length]);
          expect(new Set(shapes.map(String)).size).toBe(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});
