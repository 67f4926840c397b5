import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import {
  ADDRESSES_COUNTED_MAX,
  createAddressBudget,
  REQUESTS_BURST_MAX,
  REQUESTS_PER_SECOND_MAX,
  SPEAKERS_BURST_MAX,
} from './address-budget.ts';
import { chooseByteRange } from './byte-range.ts';
import { retryAfterOf, statusOf } from './error-status.ts';
import { checkHost } from './host-rule.ts';
import { checkOrigin } from './origin-rule.ts';
import { createPerimeter } from './perimeter.ts';

const RATE = { perSecond: REQUESTS_PER_SECOND_MAX, burst: REQUESTS_BURST_MAX };

describe('checkHost', () => {
  it.each([
    ['192.168.1.4'],
    ['192.168.1.4:4747'],
    ['127.0.0.1:1'],
    ['[::1]:4747'],
    ['[fe80::1]'],
    ['localhost'],
    ['LOCALHOST:4747'],
    ['tonearm.local'],
    ['tonearm.local.:4747'],
    ['pantry'],
    ['Music.Example.org:443'],
  ])('answers to %s', (host) => {
    expect(checkHost(host, ['pantry', 'music.example.org']).ok).toBe(true);
  });

  it.each([
    [undefined],
    [''],
    ['evil.example'],
    ['192.168.1.4.evil.example'],
    ['localhost.evil.example'],
    ['evil.local.example'],
    ['notlocal'],
    ['local'],
    ['a b.local'],
    ['[evil]:80'],
    ['user@localhost'],
    ['localhost:port'],
    [`${'x'.repeat(300)}.local`],
  ])('does not answer to %s', (host) => {
    expect(checkHost(host, ['pantry'])).toMatchObject({
      ok: false,
      error: { code: 'access.host-refused', field: 'host' },
    });
  });
});

describe('checkOrigin', () => {
  it.each([[undefined], ['http://192.168.1.4:4747'], ['https://192.168.1.4:4747'], ['HTTP://192.168.1.4:4747']])(
    'takes %s',
    (origin) => {
      expect(checkOrigin(origin, '192.168.1.4:4747').ok).toBe(true);
    },
  );

  it.each([['http://evil.example'], ['null'], ['http://192.168.1.4'], ['http://192.168.1.4:47470'], ['']])(
    'refuses %s',
    (origin) => {
      const refusal = { ok: false, error: { code: 'access.origin-refused', field: 'origin' } };
      expect(checkOrigin(origin, '192.168.1.4:4747')).toMatchObject(refusal);
    },
  );
});

describe('the address budget', () => {
  it('refuses an address that asks too often, for as long as it does, and no other', async () => {
    const clock = new VirtualClock();
    const budget = createAddressBudget(clock, RATE);
    const count = (times: number) => Array.from({ length: times }, () => budget.spend('a')).filter(Boolean).length;
    expect(count(REQUESTS_BURST_MAX + 50)).toBe(REQUESTS_BURST_MAX);
    expect(budget.spend('b')).toBe(true);
    await clock.advance(ms(1_000));
    expect(count(REQUESTS_PER_SECOND_MAX * 2)).toBe(REQUESTS_PER_SECOND_MAX);
  });

  it('forgets the address that was quiet longest, and never grows beyond its limit', () => {
    const budget = createAddressBudget(new VirtualClock(), RATE);
    for (let n = 0; n < REQUESTS_BURST_MAX; n += 1) budget.spend('first');
    expect(budget.spend('first')).toBe(false);
    for (let n = 0; n < ADDRESSES_COUNTED_MAX; n += 1) budget.spend(`address ${n}`);
    expect(budget.spend('first')).toBe(true);
  });
});

describe('the perimeter', () => {
  const knock = { address: 'a', host: 'localhost', origin: undefined, isWrite: false };

  it('counts speakers that dial apart: a site that returns at once does not lock its phones out', () => {
    const perimeter = createPerimeter(new VirtualClock(), { hostNames: [] });
    const dialled = { ...knock, isWrite: true, isSpeaker: true };
    for (let n = 0; n < SPEAKERS_BURST_MAX; n += 1) expect(perimeter.admit(dialled).ok).toBe(true);
    expect(perimeter.admit(dialled)).toMatchObject({ error: { code: 'access.rate-limited' } });
    expect(perimeter.admit(knock).ok).toBe(true);
  });
  it('asks for the host always, and for the origin of what may change something', () => {
    const perimeter = createPerimeter(new VirtualClock(), { hostNames: [] });
    expect(perimeter.admit(knock).ok).toBe(true);
    expect(perimeter.admit({ ...knock, host: 'evil.example' })).toMatchObject({
      error: { code: 'access.host-refused' },
    });
    const foreign = { ...knock, origin: 'http://evil.example' };
    expect(perimeter.admit(foreign).ok).toBe(true);
    expect(perimeter.admit({ ...foreign, isWrite: true })).toMatchObject({ error: { code: 'access.origin-refused' } });
  });

  it('refuses who knocks too often', () => {
    const perimeter = createPerimeter(new VirtualClock(), { hostNames: [] });
    for (let n = 0; n < REQUESTS_BURST_MAX; n += 1) perimeter.admit(knock);
    expect(perimeter.admit(knock)).toMatchObject({ error: { code: 'access.rate-limited' } });
    // An edge that asks for many is bounded where it is answered; it still has to call us by our name.
    expect(perimeter.admit({ ...knock, isContent: true }).ok).toBe(true);
    expect(perimeter.admit({ ...knock, isContent: true, host: 'evil.example' }).ok).toBe(false);
  });
});

describe('chooseByteRange', () => {
  it.each([
    [undefined, 100, { isPart: false, offset: 0, length: 100 }],
    ['bytes=0-0', 100, { isPart: true, offset: 0, length: 1 }],
    ['bytes=10-19', 100, { isPart: true, offset: 10, length: 10 }],
    ['bytes=90-', 100, { isPart: true, offset: 90, length: 10 }],
    ['bytes=90-5000', 100, { isPart: true, offset: 90, length: 10 }],
    ['bytes=-7', 100, { isPart: true, offset: 93, length: 7 }],
    ['bytes=-5000', 100, { isPart: true, offset: 0, length: 100 }],
  ])('%s of %i bytes', (header, size, range) => {
    expect(chooseByteRange(header, size)).toEqual({ ok: true, value: range });
  });

  it.each([
    ['bytes=100-'],
    ['bytes=100-200'],
    ['bytes=20-10'],
    ['bytes=-0'],
    ['bytes=-'],
    ['bytes='],
    ['bytes'],
    [''],
    ['bytes=0-1,5-6'],
    ['bytes=a-b'],
    ['bytes= 0-1'],
    ['bytes=0-1 '],
    ['seconds=0-1'],
    ['Bytes=0-1'],
    ['bytes=1e1-20'],
    ['bytes=0x1-0x2'],
    ['bytes=--5'],
    [`bytes=${'9'.repeat(40)}-`],
  ])('refuses %j', (header) => {
    const refusal = { ok: false, error: { code: 'content.range-refused', field: 'range' } };
    expect(chooseByteRange(header, 100)).toMatchObject(refusal);
  });

  it('is what slicing the file would give, for every range', () => {
    const sizes = fc.integer({ min: 1, max: 5_000 });
    const places = fc.option(fc.nat(6_000), { nil: undefined });
    fc.assert(
      fc.property(sizes, places, places, (size, from, to) => {
        const file = Array.from({ length: size }, (_, place) => place);
        const range = chooseByteRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
        const wanted =
          from === undefined ? file.slice(-(to ?? 0) || size) : file.slice(from, to === undefined ? size : to + 1);
        const isRefusal = from === undefined ? (to ?? 0) === 0 : wanted.length === 0;
        expect(range.ok).toBe(!isRefusal);
        if (!range.ok) return;
        expect(file.slice(range.value.offset, range.value.offset + range.value.length)).toEqual(wanted);
      }),
    );
  });

  it('never leaves the file, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1_000_000 }), (text, size) => {
        for (const header of [text, `bytes=${text}`]) {
          const range = chooseByteRange(header, size);
          if (!range.ok) continue;
          expect(range.value.offset).toBeGreaterThanOrEqual(0);
          expect(range.value.length).toBeGreaterThan(0);
          expect(range.value.offset + range.value.length).toBeLessThanOrEqual(size);
        }
      }),
    );
  });
});

describe('statusOf', () => {
  it('has a status of its own for what a client can do something about', () => {
    const status = (code: (typeof ERROR_CODES)[number]) => statusOf(new TonearmError(code, ''));
    expect(ERROR_CODES.map(status).every((it) => it >= 400 && it < 600)).toBe(true);
    expect(status('input.invalid')).toBe(400);
    expect(status('input.too-large')).toBe(413);
    expect(status('session.no-active-speaker')).toBe(404);
    expect(status('session.no-next-track')).toBe(403);
    expect(status('content.range-refused')).toBe(416);
    expect(status('content.preparing')).toBe(503);
    expect(status('sink.lost')).toBe(502);
    expect(status('internal.bug')).toBe(500);
    expect([retryAfterOf(503), retryAfterOf(429), retryAfterOf(404)]).toEqual([1, 1, null]);
  });
});
