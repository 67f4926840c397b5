/** Tokens from manifest to bytes, with the real keys and signatures: what opens a file, and all that does not. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Track } from '#bridge/core/ports/catalogue';
import type { StoredTrack } from '#bridge/core/ports/catalogue-writer';
import { silentLogger } from '#protocol/kit/silent-logger';
import { albumId, fileId, speakerId, trackId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { bytes, frames, kbps, ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { createAccessDisk, createMemoryAccessStore } from '#sim/world/memory-access-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { composePlayback, type Playback } from './compose-playback.ts';

const KITCHEN = speakerId('kitchen-speaker');
const BATH = speakerId('bath-speaker');
const TRACK = trackId('1'.repeat(22));
const FILE = fileId('a'.repeat(64));
const OTHER = fileId('b'.repeat(64));
const SECONDS = 200;

const track: Track = {
  id: TRACK,
  title: 'T',
  artists: [],
  album: { id: albumId('2'.repeat(22)), title: 'A', artists: [] },
  discNumber: 1,
  trackNumber: 1,
  durationFrames: frames(SECONDS * 48_000),
  year: null,
  genres: [],
  artPath: null,
  availability: 'ready',
  addedAtMs: 0,
};
const stored: StoredTrack = {
  files: [
    {
      fileId: FILE,
      bitrateKbps: kbps(160),
      preSkipFrames: frames(960),
      segmentFrames: frames(48_000),
      segmentSizesBytes: [bytes(20_000)],
      headSegments: 1,
      key: new Uint8Array(16),
    },
  ],
  durationFrames: track.durationFrames,
  loudness: null,
  albumLoudness: null,
};

let dataDir = '';
let clock = new VirtualClock();
let playback: Playback;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tonearm-playback-'));
  clock = new VirtualClock();
  playback = await open();
});
afterEach(() => {
  playback.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function open(): Promise<Playback> {
  const object = ok({ sizeBytes: bytes(10), read: async function* () {} });
  return composePlayback(
    {
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      dataDir,
      accounts: createMemoryAccessStore(createAccessDisk()),
      rules: { rulesFor: async () => [] },
      catalogue: { track: async () => ok(track) },
      files: { storedTrack: async () => stored, trackFailure: async () => null },
      blobs: { open: async () => object, openHead: async () => object, picture: async () => null },
      bringForward: () => undefined,
    },
    {},
  );
}

async function manifest(speaker = KITCHEN): Promise<Manifest> {
  const asker = { speakerId: speaker, region: null, networkKbps: null, maxKbps: null, bridgeUrl: 'http://bridge' };
  const answer = await playback.manifests.manifestFor(TRACK, asker);
  if (!answer.ok) throw answer.error;
  return answer.value;
}

async function outcome(token: string, change: { fileId?: typeof FILE; speakerId?: string | null } = {}) {
  const answer = await playback.stored.open({ fileId: FILE, token, speakerId: KITCHEN, ...change });
  return answer.ok ? 'opens' : answer.error.code;
}

const REFUSED = 'content.token-refused';

describe('the token of a manifest', () => {
  it('opens its file for its speaker until a minute after the music, and nothing else', async () => {
    const { token, tokenExpiresAtMs } = await manifest();
    expect(tokenExpiresAtMs - clock.wallMs()).toBeLessThanOrEqual((SECONDS + 60) * 1000);
    expect(await outcome(token)).toBe('opens');
    expect(await outcome(token, { fileId: OTHER })).toBe(REFUSED);
    expect(await outcome(token, { speakerId: BATH })).toBe(REFUSED);
    await clock.advance(ms((SECONDS + 59) * 1000));
    expect(await outcome(token)).toBe('opens');
    await clock.advance(ms(1_000));
    expect(await outcome(token)).toBe(REFUSED);
    expect(playback.counts.render(0)).toContain('tonearm_content_token_refusals_total{reason="expired"} 1');
  });

  it('stays good when the bridge starts anew, and is no good at another bridge', async () => {
    const { token } = await manifest();
    playback.stop();
    playback = await open();
    expect(await outcome(token)).toBe('opens');
    const home = dataDir;
    dataDir = mkdtempSync(join(tmpdir(), 'tonearm-playback-'));
    playback.stop();
    playback = await open();
    expect(await outcome(token)).toBe(REFUSED);
    rmSync(home, { recursive: true });
  });

  it('opens nothing any more from the moment its speaker, its account or itself is revoked', async () => {
    const kitchen = await manifest();
    const bath = await manifest(BATH);
    expect(await outcome(bath.token, { speakerId: BATH })).toBe('opens');
    await playback.access.revoke({ kind: 'speaker', speakerId: BATH });
    expect(await outcome(bath.token, { speakerId: BATH })).toBe(REFUSED);
    await expect(manifest(BATH)).rejects.toMatchObject({ code: 'content.not-allowed' });
    expect(await outcome(kitchen.token)).toBe('opens');
    const [, payload = ''] = kitchen.token.split('.');
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    await playback.access.revoke({ kind: 'token', tokenId: jti });
    expect(await outcome(kitchen.token)).toBe(REFUSED);
    const again = await manifest();
    expect(await outcome(again.token)).toBe('opens');
    await playback.access.revoke({ kind: 'account', accountId: 'household' });
    expect(await outcome(again.token)).toBe(REFUSED);
    await playback.access.restore({ kind: 'account', accountId: 'household' });
    expect(await outcome((await manifest()).token)).toBe('opens');
  });

  it('cannot be given another file, a longer life or another signature', async () => {
    const { token } = await manifest();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hs256 = `${part({ alg: 'HS256', kid })}.${payload}`;
    const x = Buffer.from(playback.keys().keys[0]?.x ?? '', 'base64url');
    for (const forged of [
      '',
      `${header}.${payload}.`,
      `${header}.${part({ ...claims, exp: claims.exp + 1 })}.${signature}`,
      `${header}.${part({ ...claims, files: [FILE, OTHER] })}.${signature}`,
      `${part({ alg: 'none', kid })}.${payload}.`,
      `${hs256}.${createHmac('sha256', x).update(hs256).digest('base64url')}`,
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    ]) {
      expect(await outcome(forged)).toBe(REFUSED);
    }
    expect(await outcome(token)).toBe('opens');
  });
});
