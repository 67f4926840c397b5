import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileId } from '#protocol/vocabulary/ids';
import { rampTrack } from '#sim/speakers/ramp-track';
import { createNodeSegmentCipher } from './node-segment-cipher.ts';

const track = rampTrack(1, 150_000);
const cipher = createNodeSegmentCipher();

function sealOf(segment: number) {
  const file = track.manifest.files[0];
  if (file === undefined) throw new Error('a ramp has a file');
  const isLast = segment === track.segments.length - 1;
  return { keyBase64: file.key.base64, fileId: file.fileId, segment, isLast };
}

function sealed(segment: number): Uint8Array {
  return track.segments[segment] ?? new Uint8Array(0);
}

describe('the segment cipher', () => {
  it('opens every segment to what was sealed', () => {
    track.plainSegments.forEach((plain, segment) => {
      const opened = cipher.open(sealed(segment), sealOf(segment));
      expect(opened.ok && Buffer.compare(opened.value, plain)).toBe(0);
    });
  });

  it('opens nothing that differs in one bit, is cut, or is in another place', () => {
    const isRefused = (data: Uint8Array, seal: ReturnType<typeof sealOf>): void => {
      const opened = cipher.open(data, seal);
      expect(opened.ok ? 'opened' : opened.error.code).toBe('fetch.corrupt-segment');
    };
    fc.assert(
      fc.property(fc.nat(sealed(0).length - 1), fc.nat(7), (at, bit) => {
        const flipped = sealed(0).slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        isRefused(flipped, sealOf(0));
        isRefused(sealed(0).slice(0, at), sealOf(0));
      }),
    );
    isRefused(sealed(1), sealOf(0));
    isRefused(sealed(0), { ...sealOf(0), isLast: true });
    isRefused(sealed(0), { ...sealOf(0), fileId: fileId('0'.repeat(64)) });
    isRefused(sealed(0), { ...sealOf(0), keyBase64: 'AAAAAAAAAAAAAAAAAAAAAA==' });
    isRefused(sealed(0), { ...sealOf(0), keyBase64: 'not a key' });
  });
});
