import { describe, expect, it } from 'vitest';
import type { Availability, Track } from '#bridge/core/ports/catalogue';
import type { StoredTrack } from '#bridge/core/ports/catalogue-writer';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, fileId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes, db, frames, kbps } from '#protocol/vocabulary/units';
import { manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { base64 } from './base64.ts';
import { TrackManifests } from './manifest-service.ts';

const TRACK = trackId('1'.repeat(22));
const stored: StoredTrack = {
  files: [
    {
      fileId: fileId('c'.repeat(64)),
      bitrateKbps: kbps(160),
      preSkipFrames: frames(960),
      segmentFrames: frames(48_000),
      segmentSizesBytes: [bytes(20_000), bytes(7)],
      headSegments: 2,
      key: Uint8Array.from({ length: 16 }, (_, index) => index * 16),
    },
  ],
  durationFrames: frames(50_000),
  loudness: { integratedLufs: db(-14), truePeakDbtp: db(-1), rangeLu: db(7.5) },
  albumLoudness: { integratedLufs: db(-13), truePeakDbtp: db(-0.5), rangeLu: db(9) },
};

function track(availability: Availability): Track {
  return {
    id: TRACK,
    title: 'T',
    artists: [],
    album: { id: albumId('2'.repeat(22)), title: 'A', artists: [] },
    discNumber: 1,
    trackNumber: 1,
    durationFrames: frames(50_000),
    year: null,
    genres: [],
    artPath: null,
    availability,
    addedAtMs: 0,
  };
}

function serviceFor(availability: Availability | null, file: StoredTrack | null) {
  const forward: TrackId[] = [];
  const missing = refused(new TonearmError('catalogue.not-found', 'no track'));
  const service = new TrackManifests({
    catalogue: { track: async () => (availability === null ? missing : ok(track(availability))) },
    files: {
      storedTrack: async () => file,
      trackFailure: async () => new TonearmError('ingest.unreadable-file', 'it is a letter, not music'),
    },
    tokens: { issue: () => ({ token: 'token', expiresAtMs: 99 }) },
    bringForward: (id) => forward.push(id),
  });
  return { service, forward };
}

describe('the manifest of a track', () => {
  it('that is ready satisfies the contract', async () => {
    const answer = await serviceFor('ready', stored).service.manifestFor(TRACK);
    expect(answer.ok && parseValue(manifestSchema, JSON.parse(JSON.stringify(answer.value)), 'manifest')).toEqual({
      ok: true,
      value: {
        trackId: TRACK,
        durationFrames: 50_000,
        loudness: { integratedLufs: -14, truePeakDbtp: -1, rangeLu: 7.5 },
        albumLoudness: { integratedLufs: -13, truePeakDbtp: -0.5, rangeLu: 9 },
        files: [
          {
            fileId: 'c'.repeat(64),
            codec: 'opus',
            bitrateKbps: 160,
            preSkipFrames: 960,
            segmentFrames: 48_000,
            segmentSizesBytes: [20_000, 7],
            headSegments: 2,
            key: { kind: 'plain', base64: 'ABAgMEBQYHCAkKCwwNDg8A==' },
          },
        ],
        edges: [],
        token: 'token',
        tokenExpiresAtMs: 99,
      },
    });
  });

  it('that is being prepared is refused for now, and the track is brought forward', async () => {
    const { service, forward } = serviceFor('preparing', null);
    expect(await service.manifestFor(TRACK)).toMatchObject({ ok: false, error: { code: 'content.preparing' } });
    expect(forward).toEqual([TRACK]);
  });

  it('that cannot be read is refused with the reason', async () => {
    const { service, forward } = serviceFor('unreadable', null);
    expect(await service.manifestFor(TRACK)).toMatchObject({
      ok: false,
      error: { code: 'content.unreadable', message: 'this track cannot be played: it is a letter, not music' },
    });
    expect(forward).toEqual([]);
  });

  it('that does not exist is not found', async () => {
    expect(await serviceFor(null, null).service.manifestFor(TRACK)).toMatchObject({
      ok: false,
      error: { code: 'catalogue.not-found' },
    });
  });
});

describe('base64', () => {
  it.each([0, 1, 2, 3, 4, 16, 17])('of %i bytes is what Node writes', (length) => {
    const data = Uint8Array.from({ length }, (_, index) => (index * 73 + 5) % 256);
    expect(base64(data)).toBe(Buffer.from(data).toString('base64'));
  });
});
