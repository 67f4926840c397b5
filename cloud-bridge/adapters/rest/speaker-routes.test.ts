import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { PAIRED_PAGE_MAX } from '#bridge/core/ports/paired-speakers';
import { base64url } from '#protocol/kit/base64url';
import { speakerId } from '#protocol/vocabulary/ids';
import { KITCHEN } from '#sim/relay/recording-household';
import { RestBench } from '#sim/relay/rest-bench';

const HOST = { host: 'localhost:4747' };
const PUBLIC_KEY = new Uint8Array(32).fill(7);
const STRANGER = speakerId('somebody-else-speaker');

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
  const paired = { id: KITCHEN, publicKey: PUBLIC_KEY, name: 'Kitchen', ownerId: HOUSE_ACCOUNT, pairedAtMs: 1_000 };
  bench.paired.set(KITCHEN, paired);
});
afterEach(() => bench.close());

const ask = async (method: 'GET' | 'PATCH' | 'DELETE', path: string, body?: object) => {
  const url = `/tonearm/v1/speakers${path}`;
  const answer = await bench.door.app.inject({ method, url, headers: HOST, ...(body === undefined ? {} : { body }) });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
};

const VIEW = {
  id: KITCHEN,
  name: 'Kitchen',
  ownerId: HOUSE_ACCOUNT,
  publicKey: base64url(PUBLIC_KEY),
  pairedAtMs: 1_000,
};

describe('the speakers of the house', () => {
  it('are listed, and shown one by one', async () => {
    expect(await ask('GET', '')).toEqual({
      status: 200,
      body: { items: [VIEW], total: 1, offset: 0, limit: PAIRED_PAGE_MAX },
    });
    expect(await ask('GET', `/${KITCHEN}`)).toEqual({ status: 200, body: VIEW });
    expect(await ask('GET', `/${STRANGER}`)).toMatchObject({ status: 404 });
  });

  it('are listed page by page', async () => {
    const other = { ...VIEW, id: STRANGER, publicKey: PUBLIC_KEY };
    bench.paired.set(STRANGER, other);
    const ids = [KITCHEN, STRANGER].sort();
    for (const [offset, id] of ids.entries()) {
      const body = { items: [expect.objectContaining({ id })], total: 2, offset, limit: 1 };
      expect(await ask('GET', `?limit=1&offset=${offset}`)).toEqual({ status: 200, body });
    }
    expect(await ask('GET', `?limit=${PAIRED_PAGE_MAX + 1}`)).toMatchObject({ status: 400 });
  });

  it('are renamed, here and for every phone', async () => {
    expect(await ask('PATCH', `/${KITCHEN}`, { name: 'Bath' })).toEqual({
      status: 200,
      body: { ...VIEW, name: 'Bath' },
    });
    expect(bench.household.renamed).toEqual([[KITCHEN, 'Bath']]);
    expect(bench.paired.get(KITCHEN)?.name).toBe('Bath');
  });

  it('are given to another person, if there is one', async () => {
    const added = await bench.accounts.people.add('Bert', 'member', undefined);
    if (!added.ok) throw added.error;
    const { id } = added.value;
    expect(await ask('PATCH', `/${KITCHEN}`, { ownerId: id })).toMatchObject({ status: 200, body: { ownerId: id } });
    const refused = await ask('PATCH', `/${KITCHEN}`, { ownerId: 'nobody-at-all', name: 'Attic' });
    expect(refused).toMatchObject({ status: 404 });
    expect(bench.paired.get(KITCHEN)).toMatchObject({ ownerId: id, name: 'Kitchen' });
    expect(bench.household.renamed).toEqual([]);
  });

  it('are forgotten, and sent away, once', async () => {
    bench.household.shown = { ...bench.household.shown, speakers: [] };
    expect(await ask('DELETE', `/${KITCHEN}`)).toEqual({ status: 204, body: null });
    expect(bench.household.forgotten).toEqual([KITCHEN]);
    expect(bench.paired.size).toBe(0);
    expect(await ask('DELETE', `/${KITCHEN}`)).toMatchObject({ status: 404 });
  });

  it.each([
    ['nothing', {}],
    ['an empty name', { name: '' }],
    ['a name of 65 characters', { name: 'x'.repeat(65) }],
    ['an owner of no form', { ownerId: 'a b' }],
  ])('refuse %s', async (_, body) => {
    expect(await ask('PATCH', `/${KITCHEN}`, body)).toMatchObject({ status: 400 });
    expect(bench.paired.get(KITCHEN)).toMatchObject({ name: 'Kitchen', ownerId: HOUSE_ACCOUNT });
  });

  it('are for those alone who may change them', async () => {
    await bench.close();
    bench = new RestBench({ isOpen: false });
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      expect(await ask(method, `/${KITCHEN}`)).toMatchObject({ status: 401 });
    }
  });
});
