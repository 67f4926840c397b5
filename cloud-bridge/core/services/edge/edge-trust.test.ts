import { describe, expect, it } from 'vitest';
import type { ContentKeySet, VerifiedToken } from '#bridge/core/ports/content-token-verifier';
import type { Trust } from '#bridge/core/ports/edge-trust';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { Revocations } from '#protocol/wire/content-token';
import { VirtualClock } from '#sim/world/virtual-clock';
import { EdgeTrust } from './edge-trust.ts';

const keySet = (...kids: string[]): ContentKeySet => ({
  issuer: 'bridge',
  keys: kids.map((kid) => ({ kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43), kid, alg: 'EdDSA', use: 'sig' })),
});

function bench(kept: Trust | null = null) {
  const clock = new VirtualClock();
  const world = {
    keys: keySet('one'),
    revocations: { revision: 0, entries: [] } as Revocations,
    isAway: false,
    keysAsked: 0,
    saved: kept,
    known: [] as readonly string[],
    changes: 0,
  };
  const away = () => refused(new TonearmError('fetch.unreachable', 'away'));
  const trust = new EdgeTrust({
    clock,
    logger: silentLogger,
    source: {
      keys: async () => {
        world.keysAsked += 1;
        return world.isAway ? away() : ok(world.keys);
      },
      revocations: async (after) => {
        if (world.isAway) return away();
        return ok(after === world.revocations.revision ? null : world.revocations);
      },
    },
    store: {
      load: async () => world.saved,
      save: async (it) => {
        world.saved = it;
      },
    },
    verifier: {
      useKeys: async (keys) => {
        world.known = keys.map((key) => key.kid);
      },
      verify: async (kid): Promise<VerifiedToken> =>
        world.known.includes(kid) ? { kind: 'bad' } : { kind: 'unknownKey', kid },
    },
    keysChanged: () => {
      world.changes += 1;
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(ms(1_000));
      await settle();
    }
  };
  return { trust, world, pass };
}

const CLAIMS = {
  aud: 'tonearm-content',
  iss: 'bridge',
  sub: 'a',
  files: [],
  nbf: 1,
  exp: 2,
  jti: 'j'.repeat(8),
} as const;
const REVOKED: Revocations = { revision: 3, entries: [{ kind: 'token', jti: CLAIMS.jti, until: 9 }] };

describe("an edge's trust", () => {
  it('hears of a revocation within 3 s', async () => {
    const { trust, world, pass } = bench();
    await trust.start();
    expect([trust.isReady, trust.issuer(), trust.revocations.isRevoked({ ...CLAIMS, files: [] })]).toEqual([
      true,
      'bridge',
      false,
    ]);
    world.revocations = REVOKED;
    await pass(3);
    expect(trust.revocations.isRevoked({ ...CLAIMS, files: [] })).toBe(true);
    trust.stop();
  });

  it('asks for keys when a token names one that is not known, and not for every such token', async () => {
    const { trust, world, pass } = bench();
    await trust.start();
    await pass(6);
    world.keys = keySet('one', 'two');
    expect(await Promise.all([trust.verify('two'), trust.verify('two')])).toEqual([{ kind: 'bad' }, { kind: 'bad' }]);
    expect([world.keysAsked, world.changes]).toEqual([2, 2]);
    for (let n = 0; n < 100; n += 1) expect(await trust.verify(`guess ${n}`)).toMatchObject({ kind: 'unknownKey' });
    expect(world.keysAsked).toBe(2);
    trust.stop();
  });

  it('goes on with what it knows while the origin is away, also through a restart', async () => {
    const first = bench();
    first.world.revocations = REVOKED;
    await first.trust.start();
    first.world.isAway = true;
    await first.pass(60);
    expect([first.trust.isReady, first.trust.revocations.revision]).toEqual([true, 3]);
    first.trust.stop();
    const second = bench(first.world.saved);
    second.world.isAway = true;
    await second.trust.start();
    expect([second.trust.issuer(), second.world.known, second.trust.revocations.revision]).toEqual([
      'bridge',
      ['one'],
      3,
    ]);
    second.trust.stop();
  });

  it('is not ready before it has ever heard of keys, and is soon after its origin comes', async () => {
    const { trust, world, pass } = bench();
    world.isAway = true;
    await trust.start();
    expect(trust.isReady).toBe(false);
    world.isAway = false;
    await pass(8);
    expect(trust.isReady).toBe(true);
    trust.stop();
  });
});
