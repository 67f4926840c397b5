import { describe, expect, it } from 'vitest';
import type { Account } from '#bridge/core/ports/access-store';
import type { Availability, Track } from '#bridge/core/ports/catalogue';
import type { StoredTrack } from '#bridge/core/ports/catalogue-writer';
import type { ManifestAsker } from '#bridge/core/ports/content';
import type { TokenSubject } from '#bridge/core/services/access/content-token-issue';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, fileId, speakerId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes, db, frames, kbps } from '#protocol/vocabulary/units';
import { manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { base64 } from './base64.ts';
import type { OrderedEdge } from './edge-order.ts';
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

function track(availability: Availability, trackNumber = 1): Track {
  return {
    id: TRACK,
    title: 'T',
    artists: [],
    album: { id: albumId('2'.repeat(22)), title: 'A', artists: [] },
    discNumber: 1,
    trackNumber,
    durationFrames: frames(50_000),
    year: null,
    genres: [],
    artPath: null,
    availability,
    addedAtMs: 0,
  };
}

const SPEAKER = speakerId('S'.repeat(22));
const asker: ManifestAsker = {
  speakerId: SPEAKER,
  region: null,
  networkKbps: null,
  maxKbps: null,
  bridgeUrl: 'http://bridge:4747',
};
const account: Account = { id: 'household', name: 'Home', tier: 'premium', country: null, revokedSinceS: null };

interface World {
  readonly availability: Availability | null;
  readonly file: StoredTrack | null;
  readonly account: Account;
  readonly edges: readonly OrderedEdge[];
  readonly trackNumber: number;
}

function serviceFor(change: Partial<World>) {
  const world: World = { availability: 'ready', file: stored, account, edges: [], trackNumber: 1, ...change };
  const forward: TrackId[] = [];
  const issued: TokenSubject[] = [];
  const reasons: string[] = [];
  const missing = refused(new TonearmError('catalogue.not-found', 'no track'));
  const service = new TrackManifests({
    clock: { wallMs: () => 0 },
    catalogue: {
      track: async () => (world.availability === null ? missing : ok(track(world.availability, world.trackNumber))),
    },
    rules: { rulesFor: async () => [] },
    failures: { trackFailure: async () => new TonearmError('ingest.unreadable-file', 'it is a letter, not music') },
    stored: { storedTrack: async () => world.file },
    access: { askerOf: () => ({ account: world.account, isSpeakerRevoked: false }) },
    tokens: {
      issue: async (subject) => {
        issued.push(subject);
        return { token: 'token', expiresAtMs: 99 };
      },
    },
    edges: { orderFor: () => world.edges },
    bringForward: (id) => forward.push(id),
    refused: (reason) => reasons.push(reason),
  });
  return { service, forward, issued, reasons };
}

describe('the manifest of a track', () => {
  it('names no place on the album of a track without a number', async () => {
    const answer = await serviceFor({ trackNumber: 0 }).service.manifestFor(TRACK, asker);
    expect(answer.ok && answer.value.album).toBeUndefined();
    expect(answer.ok).toBe(true);
  });

  it('that is ready satisfies the contract', async () => {
    const answer = await serviceFor({}).service.manifestFor(TRACK, asker);
    expect(answer.ok && parseValue(manifestSchema, JSON.parse(JSON.stringify(answer.value)), 'manifest')).toEqual({
      ok: true,
      value: {
        trackId: TRACK,
        durationFrames: 50_000,
        loudness: { integratedLufs: -14, truePeakDbtp: -1, rangeLu: 7.5 },
        albumLoudness: { integratedLufs: -13, truePeakDbtp: -0.5, rangeLu: 9 },
        album: { id: '2'.repeat(22), disc: 1, track: 1 },
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
    const { service, forward } = serviceFor({ availability: 'preparing', file: null });
    expect(await service.manifestFor(TRACK, asker)).toMatchObject({ ok: false, error: { code: 'content.preparing' } });
    expect(forward).toEqual([TRACK]);
  });

  it('that cannot be read is refused with the reason', async () => {
    const { service, forward } = serviceFor({ availability: 'unreadable', file: null });
    expect(await service.manifestFor(TRACK, asker)).toMatchObject({
      ok: false,
      error: { code: 'content.unreadable', message: 'this track cannot be played: it is a letter, not music' },
    });
    expect(forward).toEqual([]);
  });

  it('that does not exist is not found', async () => {
    expect(await serviceFor({ availability: null, file: null }).service.manifestFor(TRACK, asker)).toMatchObject({
      ok: false,
      error: { code: 'catalogue.not-found' },
    });
  });

  it('names the edges in order and the bridge as the last, or none at all', async () => {
    const edges: readonly OrderedEdge[] = [
      { url: 'http://b', region: 'attic', reason: 'fast' },
      { url: 'http://a', region: null, reason: 'slow' },
    ];
    expect(await serviceFor({ edges }).service.manifestFor(TRACK, asker)).toMatchObject({
      value: { edges: [{ url: 'http://b', region: 'attic' }, { url: 'http://a' }, { url: 'http://bridge:4747' }] },
    });
  });

  it('is for an account, a speaker, and the files that the account may hear', async () => {
    const [file] = stored.files;
    if (file === undefined) throw new Error('it has one');
    const best = { ...file, fileId: fileId('d'.repeat(64)), bitrateKbps: kbps(320) };
    const both = { ...stored, files: [file, best] };
    const premium = serviceFor({ file: both });
    await premium.service.manifestFor(TRACK, asker);
    expect(premium.issued).toEqual([
      {
        accountId: 'household',
        speakerId: SPEAKER,
        files: [best.fileId, file.fileId],
        durationFrames: stored.durationFrames,
      },
    ]);
    const free = serviceFor({ file: both, account: { ...account, tier: 'free' } });
    const answer = await free.service.manifestFor(TRACK, asker);
    expect(answer.ok && answer.value.files.map((it) => it.bitrateKbps)).toEqual([160]);
    expect(free.issued[0]?.files).toEqual([file.fileId]);
    const none = serviceFor({ file: { ...stored, files: [best] }, account: { ...account, tier: 'free' } });
    expect(await none.service.manifestFor(TRACK, asker)).toMatchObject({ error: { code: 'content.not-allowed' } });
    expect([none.reasons, none.issued]).toEqual([['no-quality-for-tier'], []]);
  });

  it('is refused to who may not play, with the reason, whatever there is', async () => {
    const revoked = { ...account, revokedSinceS: 5 };
    for (const file of [stored, null]) {
      const { service, reasons, forward } = serviceFor({ account: revoked, file });
      const answer = await service.manifestFor(TRACK, asker);
      expect(answer).toMatchObject({
        error: { code: 'content.not-allowed', message: 'this account may not play for now (account-revoked)' },
      });
      expect([reasons, forward]).toEqual([['account-revoked'], []]);
    }
  });
});

describe('base64', () => {
  it.each([0, 1, 2, 3, 4, 16, 17])('of %i bytes is what Node writes', (length) => {
    const data = Uint8Array.from({ length }, (_, index) => (index * 73 + 5) % 256);
    expect(base64(data)).toBe(Buffer.from(data).toString('base64'));
  });
});
