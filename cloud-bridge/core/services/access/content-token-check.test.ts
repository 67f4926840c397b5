import { describe, expect, it } from 'vitest';
import type { VerifiedToken } from '#bridge/core/ports/content-token-verifier';
import { fileId, speakerId } from '#protocol/vocabulary/ids';
import { CONTENT_TOKEN_AUDIENCE, type ContentClaims, type Revocations } from '#protocol/wire/content-token';
import { ContentTokenCheck, type TokenRefusal, type TokenRequest } from './content-token-check.ts';
import { RevocationList } from './revocation-list.ts';

const FILE = fileId('a'.repeat(64));
const SPEAKER = speakerId('S'.repeat(22));
const OTHER_SPEAKER = speakerId('T'.repeat(22));
const claims: ContentClaims = {
  aud: CONTENT_TOKEN_AUDIENCE,
  iss: 'bridge',
  sub: 'household',
  spk: SPEAKER,
  files: [FILE, fileId('b'.repeat(64))],
  nbf: 1_000,
  exp: 2_000,
  jti: 'token-one',
};

function bench(answer: VerifiedToken = { kind: 'good', claims }) {
  const time = { nowS: 1_500 };
  const verified: string[] = [];
  const reasons: TokenRefusal[] = [];
  const revocations = new RevocationList();
  const check = new ContentTokenCheck({
    clock: { wallMs: () => time.nowS * 1000 },
    verifier: {
      verify: async (token) => {
        verified.push(token);
        return answer;
      },
    },
    revocations,
    issuer: () => 'bridge',
    refused: (reason) => reasons.push(reason),
  });
  const ask = async (change: Partial<TokenRequest> = {}) => {
    const outcome = await check.check({ token: 'good', fileId: FILE, speakerId: SPEAKER, ...change });
    return outcome.ok ? 'opens' : outcome.error.code;
  };
  return { time, verified, reasons, revocations, check, ask };
}

const REFUSED = 'content.token-refused';

describe('a content token', () => {
  it('opens its files for its speaker, or for who says nothing, and its signature is looked at once', async () => {
    const { ask, verified } = bench();
    expect(await ask()).toBe('opens');
    expect(await ask({ fileId: fileId('b'.repeat(64)) })).toBe('opens');
    expect(await ask({ speakerId: null })).toBe('opens');
    expect(verified).toEqual(['good']);
  });

  const table: readonly (readonly [TokenRefusal, Partial<TokenRequest>, number])[] = [
    ['missing', { token: '' }, 1_500],
    ['malformed', { token: 'x'.repeat(2_001) }, 1_500],
    ['file', { fileId: fileId('c'.repeat(64)) }, 1_500],
    ['speaker', { speakerId: OTHER_SPEAKER }, 1_500],
    ['expired', {}, 2_000],
    ['not-yet', {}, 994],
  ];
  it.each(table)('is refused: %s', async (reason, change, nowS) => {
    const { ask, time, reasons } = bench();
    time.nowS = nowS;
    expect(await ask(change)).toBe(REFUSED);
    expect(reasons).toEqual([reason]);
  });

  it('is good to its last moment, and for a clock that is a little behind', async () => {
    const { ask, time } = bench();
    for (const nowS of [995, 1_000, 1_999.999]) {
      time.nowS = nowS;
      expect(await ask()).toBe('opens');
    }
  });

  it('of another bridge is refused', async () => {
    const { ask, reasons } = bench({ kind: 'good', claims: { ...claims, iss: 'next door' } });
    expect(await ask()).toBe(REFUSED);
    expect(reasons).toEqual(['issuer']);
  });

  it('with a bad signature is refused and never remembered', async () => {
    const { ask, verified, reasons } = bench({ kind: 'bad' });
    expect([await ask(), await ask()]).toEqual([REFUSED, REFUSED]);
    expect([verified.length, reasons]).toEqual([2, ['signature', 'signature']]);
    const strange = bench({ kind: 'unknownKey', kid: 'k' });
    await strange.ask();
    expect(strange.reasons).toEqual(['unknown-key']);
  });

  it('is remembered among so many and no more, those used last', async () => {
    const { ask, verified } = bench();
    for (let n = 0; n < 4_096; n += 1) await ask({ token: `t${n}` });
    await ask({ token: 't0' });
    await ask({ token: 'one more' });
    expect(verified.length).toBe(4_097);
    await ask({ token: 't0' });
    expect(verified.length).toBe(4_097);
    await ask({ token: 't1' });
    expect(verified.length).toBe(4_098);
  });

  const revoked: readonly (readonly [string, Revocations['entries'][number], boolean])[] = [
    ['by name', { kind: 'token', jti: 'token-one', until: 2_000 }, true],
    ['another by name', { kind: 'token', jti: 'token-two', until: 2_000 }, false],
    ['with its account', { kind: 'account', sub: 'household', before: 1_001 }, true],
    ['with what its account had before it', { kind: 'account', sub: 'household', before: 1_000 }, false],
    ['with another account', { kind: 'account', sub: 'guests', before: 1_001 }, false],
    ['with its speaker', { kind: 'speaker', spk: SPEAKER, before: 1_001 }, true],
    ['with another speaker', { kind: 'speaker', spk: OTHER_SPEAKER, before: 1_001 }, false],
  ];
  it.each(revoked)('revoked %s, though it was good a moment ago', async (_, entry, isRevoked) => {
    const { ask, revocations } = bench();
    expect(await ask()).toBe('opens');
    revocations.set({ revision: 1, entries: [entry] });
    expect(await ask()).toBe(isRevoked ? REFUSED : 'opens');
    revocations.set({ revision: 2, entries: [] });
    expect(await ask()).toBe('opens');
  });
});
