import { describe, expect, it } from 'vitest';
import { fileId, speakerId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';
import { CONTENT_TOKEN_AUDIENCE, type ContentClaims } from '#protocol/wire/content-token';
import { createAccessDisk, createMemoryAccessStore } from '#sim/world/memory-access-store';
import { AccessControl, HOUSEHOLD_ACCOUNT } from './access-control.ts';
import { ContentTokenIssue } from './content-token-issue.ts';
import { TOKEN_LIFE_MAX_S, tokenLifeS } from './token-life.ts';

const KITCHEN = speakerId('kitchen-speaker');
const BATH = speakerId('bath-speaker');

function bench() {
  const disk = createAccessDisk();
  const time = { nowS: 1_000 };
  const open = async (country: string | null = null) => {
    const clock = { wallMs: () => time.nowS * 1000 + 250 };
    const access = new AccessControl({ clock, store: createMemoryAccessStore(disk) });
    await access.start({ country });
    return access;
  };
  return { disk, time, open };
}

function claims(change: Partial<ContentClaims> = {}): ContentClaims {
  const files = [fileId('a'.repeat(64))];
  const named = { aud: CONTENT_TOKEN_AUDIENCE, iss: 'bridge', sub: HOUSEHOLD_ACCOUNT, jti: 'token-one' } as const;
  return { ...named, spk: KITCHEN, files, nbf: 1_000, exp: 2_000, ...change };
}

describe('access', () => {
  it('begins with a household that may hear everything, everywhere', async () => {
    const { open } = bench();
    const household = {
      id: HOUSEHOLD_ACCOUNT,
      name: 'Household',
      tier: 'premium',
      country: null,
      revokedSinceS: null,
    };
    const access = await open();
    for (const who of [KITCHEN, null]) {
      expect(access.askerOf(who)).toEqual({ account: household, isSpeakerRevoked: false });
    }
  });

  it('has the country that the configuration says last, and keeps it when it says none', async () => {
    const { open } = bench();
    expect((await open('AT')).askerOf(null).account.country).toBe('AT');
    expect((await open()).askerOf(null).account.country).toBe('AT');
    expect((await open('DE')).askerOf(null).account.country).toBe('DE');
  });

  it('of a speaker is that of the account it was given to', async () => {
    const { open } = bench();
    const access = await open();
    await access.describeAccount({ id: 'guests', name: 'Guests', tier: 'free', country: 'AT' });
    expect(await access.assignSpeaker(BATH, 'nobody')).toMatchObject({ error: { code: 'input.unknown' } });
    await access.assignSpeaker(BATH, 'guests');
    const again = await open();
    expect(again.askerOf(BATH).account.id).toBe('guests');
    expect(again.askerOf(KITCHEN).account.id).toBe(HOUSEHOLD_ACCOUNT);
    expect(again.accounts().map((account) => account.id)).toEqual(['guests', HOUSEHOLD_ACCOUNT]);
  });

  it('of an account ends at once with all its tokens, across restarts, and can be given back', async () => {
    const { open, time } = bench();
    const access = await open();
    expect(access.isRevoked(claims())).toBe(false);
    await access.revoke({ kind: 'account', accountId: HOUSEHOLD_ACCOUNT });
    for (const it of [access, await open()]) {
      expect(it.isRevoked(claims())).toBe(true);
      expect(it.askerOf(null).account.revokedSinceS).toBe(1_000);
    }
    time.nowS = 1_100;
    const again = await open();
    await again.restore({ kind: 'account', accountId: HOUSEHOLD_ACCOUNT });
    expect(again.askerOf(null).account.revokedSinceS).toBe(null);
    expect([again.isRevoked(claims()), again.isRevoked(claims({ nbf: 1_100 }))]).toEqual([true, false]);
  });

  it('of a speaker or a token ends for it alone', async () => {
    const { open } = bench();
    const access = await open();
    await access.revoke({ kind: 'speaker', speakerId: BATH });
    await access.revoke({ kind: 'token', tokenId: 'token-two' });
    expect([access.askerOf(BATH), access.askerOf(KITCHEN)].map((it) => it.isSpeakerRevoked)).toEqual([true, false]);
    expect(access.isRevoked(claims())).toBe(false);
    expect(access.isRevoked(claims({ spk: BATH }))).toBe(true);
    expect(access.isRevoked(claims({ jti: 'token-two' }))).toBe(true);
    await access.restore({ kind: 'speaker', speakerId: BATH });
    expect(access.askerOf(BATH).isSpeakerRevoked).toBe(false);
  });

  it('of an account that is not there cannot be revoked', async () => {
    const access = await bench().open();
    const nobody = { kind: 'account', accountId: 'nobody' } as const;
    expect(await access.revoke(nobody)).toMatchObject({ error: { code: 'input.unknown', field: 'accountId' } });
    expect(await access.restore(nobody)).toMatchObject({ error: { code: 'input.unknown' } });
    expect(access.revocations()).toEqual({ revision: 0, entries: [] });
  });

  it('is a feed that grows by one with each change, names each once, and forgets what has expired', async () => {
    const { open, time } = bench();
    const access = await open();
    await access.revoke({ kind: 'token', tokenId: 'token-one' });
    await access.revoke({ kind: 'speaker', speakerId: BATH });
    time.nowS = 1_500;
    await access.revoke({ kind: 'speaker', speakerId: BATH });
    expect(access.revocations()).toEqual({
      revision: 3,
      entries: [
        { kind: 'token', jti: 'token-one', until: 1_000 + TOKEN_LIFE_MAX_S },
        { kind: 'speaker', spk: BATH, before: 1_501 },
      ],
    });
    time.nowS = 1_000 + TOKEN_LIFE_MAX_S;
    await access.revoke({ kind: 'speaker', speakerId: KITCHEN });
    expect(access.revocations().entries.map((entry) => entry.kind)).toEqual(['speaker', 'speaker']);
  });

  it('stays as it was when nothing can be written', async () => {
    const { disk, open } = bench();
    const access = await open();
    disk.failure = new Error('no space');
    await expect(access.revoke({ kind: 'speaker', speakerId: BATH })).rejects.toThrow('no space');
    expect(access.askerOf(BATH).isSpeakerRevoked).toBe(false);
    disk.failure = null;
    expect(await access.revoke({ kind: 'speaker', speakerId: BATH })).toMatchObject({ ok: true });
  });

  it('has a longest list', async () => {
    const { disk, open } = bench();
    const entries = Array.from({ length: 10_000 }, (_, n) => ({
      kind: 'token' as const,
      jti: `token-${n}`,
      until: 9_000,
    }));
    disk.revocations = { revision: 10_000, entries };
    const access = await open();
    expect(await access.revoke({ kind: 'token', tokenId: 'one-more' })).toMatchObject({
      error: { code: 'input.too-large' },
    });
    expect(await access.revoke({ kind: 'token', tokenId: 'token-7' })).toMatchObject({ ok: true });
    expect(access.revocations().entries).toHaveLength(10_000);
  });
});

describe('a token that is issued', () => {
  it('names account, speaker and files, and lives a minute longer than the music', async () => {
    const signed: ContentClaims[] = [];
    const { open } = bench();
    const access = await open();
    const issue = new ContentTokenIssue(
      {
        clock: { wallMs: () => 1_000_900 },
        random: { token: (length) => 'r'.repeat(length) },
        signer: { sign: async (it) => String(signed.push(it)) },
        access,
      },
      'bridge',
    );
    const files = [fileId('a'.repeat(64)), fileId('b'.repeat(64))];
    const subject = { accountId: HOUSEHOLD_ACCOUNT, files, durationFrames: frames(48_000 * 200 + 47_999) };
    expect(await issue.issue({ ...subject, speakerId: KITCHEN })).toEqual({ token: '1', expiresAtMs: 1_260_000 });
    expect(signed[0]).toEqual(claims({ files, exp: 1_260, jti: 'r'.repeat(16) }));
    await issue.issue({ ...subject, speakerId: null });
    expect(signed[1]).not.toHaveProperty('spk');
    await access.revoke({ kind: 'speaker', speakerId: KITCHEN });
    await access.restore({ kind: 'speaker', speakerId: KITCHEN });
    await issue.issue({ ...subject, speakerId: KITCHEN });
    const [, , given] = signed;
    expect(given !== undefined && [given.nbf, access.isRevoked(given)]).toEqual([1_001, false]);
  });

  it('never lives longer than a day and a minute', () => {
    expect(tokenLifeS(frames(0))).toBe(60);
    expect(tokenLifeS(frames(48_000 * 1_000_000))).toBe(TOKEN_LIFE_MAX_S);
  });
});
