import { describe, expect, it } from 'vitest';
import type { StoredTrack } from '#bridge/core/ports/catalogue-writer';
import { fileId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { bytes, frames, kbps, ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { StoredTrackCache } from './stored-track-cache.ts';

function storedOf(segments: number): StoredTrack {
  const file = {
    fileId: fileId('c'.repeat(64)),
    bitrateKbps: kbps(160),
    preSkipFrames: frames(960),
    segmentFrames: frames(48_000),
    segmentSizesBytes: Array.from({ length: segments }, () => bytes(1)),
    headSegments: 1,
    key: new Uint8Array(16),
  };
  return { files: [file], durationFrames: frames(1), loudness: null, albumLoudness: null };
}

function bench(stored: StoredTrack | null) {
  const clock = new VirtualClock();
  const reads: TrackId[] = [];
  const files = {
    storedTrack: async (id: TrackId) => {
      reads.push(id);
      return stored;
    },
  };
  return { clock, reads, cache: new StoredTrackCache({ clock, files }) };
}

const one = trackId('1'.repeat(22));
const two = trackId('2'.repeat(22));

describe('stored tracks', () => {
  it('are read once in ten seconds', async () => {
    const stored = storedOf(3);
    const { clock, reads, cache } = bench(stored);
    expect([await cache.storedTrack(one), await cache.storedTrack(one)]).toEqual([stored, stored]);
    await clock.advance(ms(9_999));
    await cache.storedTrack(one);
    expect(reads).toEqual([one]);
    await clock.advance(ms(1));
    await cache.storedTrack(one);
    expect(reads).toEqual([one, one]);
  });

  it('that are not there yet are asked for again', async () => {
    const { reads, cache } = bench(null);
    expect([await cache.storedTrack(one), await cache.storedTrack(one)]).toEqual([null, null]);
    expect(reads).toEqual([one, one]);
  });

  it('are kept up to so many segments, the latest', async () => {
    const { reads, cache } = bench(storedOf(600_000));
    for (const id of [one, two, two, one]) await cache.storedTrack(id);
    expect(reads).toEqual([one, two, one]);
  });
});
