import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import { HALT_FAILURES } from '#bridge/core/services/firmware/rollout-record';
import { cohortOf } from '#protocol/kit/cohort';
import { speakerId } from '#protocol/vocabulary/ids';
import { type UpdateReport, updateOfferSchema } from '#protocol/wire/update';
import { RestBench } from '#sim/relay/rest-bench';
import { hashing, ReleaseMaker, shelve } from '#sim/updates/release-maker';

const HOST = { host: 'pantry' };
const OFFER = '/content/v1/firmware/offers/x64?version=0.1.0&seq=1';
const maker = new ReleaseMaker();
const made = maker.make(
  2,
  Uint8Array.from({ length: 100_000 }, (_, at) => at % 251),
);
const { sha256 } = made.manifest.artifact;
const speakers = Array.from({ length: 60 }, (_, index) => `speaker-${String(index).padStart(2, '0')}`);

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
  shelve(bench.firmware, maker, made);
});
afterEach(() => bench.close());

const as = (speaker: string) => ({ ...HOST, 'tonearm-speaker': speaker });
const get = (url: string, headers: Record<string, string> = HOST) => bench.door.app.inject({ url, headers });
const offerTo = async (speaker: string) => (await get(OFFER, as(speaker))).statusCode;
const publish = (version: string, percent: number) =>
  bench.door.app.inject({
    method: 'PUT',
    url: `/tonearm/v1/firmware/rollouts/${version}`,
    headers: HOST,
    payload: { percent },
  });
const halt = (version: string) =>
  bench.door.app.inject({ method: 'DELETE', url: `/tonearm/v1/firmware/rollouts/${version}`, headers: HOST });
const report = (speaker: string, stage: UpdateReport['stage'], reason: string | null = null) =>
  bench.door.app.inject({
    ...{ method: 'POST', url: '/content/v1/firmware/reports', headers: as(speaker) },
    payload: { running: '0.1.0', version: '0.2.0', seq: 2, stage, reason },
  });

describe('updates at the bridge', () => {
  it('offers nothing that nobody has published', async () => {
    expect(await offerTo('speaker-00')).toBe(204);
    expect((await publish('0.9.0', 100)).statusCode).toBe(404);
  });

  it('offers a published release as it was signed, and tells the house', async () => {
    expect((await publish('0.2.0', 100)).statusCode).toBe(204);
    expect(bench.household.updatesOffered).toEqual(['0.2.0']);
    const answer = await get(OFFER, as('speaker-00'));
    expect(updateOfferSchema.parse(answer.json()).manifest).toEqual(made.offer.manifest);
    const newer = await get('/content/v1/firmware/offers/x64?version=0.2.0&seq=2', as('speaker-00'));
    const other = await get('/content/v1/firmware/offers/arm64?version=0.1.0&seq=1', as('speaker-00'));
    expect([newer.statusCode, other.statusCode]).toEqual([204, 204]);
  });

  it('refuses who says that it is what no speaker is called, as for manifests', async () => {
    const answer = await get(OFFER, as('no id!'));
    expect([answer.statusCode, answer.json().error.field]).toEqual([400, 'tonearm-speaker']);
  });

  it('gives the map and the bytes, by range', async () => {
    expect((await get(`/content/v1/firmware/blocks/${sha256}`)).body).toBe(made.blocksText);
    const port = await bench.door.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${port}/content/v1/firmware/artifacts/${sha256}`;
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/100000']);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([...made.content.subarray(10, 20)]);
    expect(await (await fetch(url)).bytes()).toEqual(made.content);
    expect((await get(`/content/v1/firmware/artifacts/${'0'.repeat(64)}`)).statusCode).toBe(404);
    expect((await get('/content/v1/firmware/artifacts/..%2f..%2fetc%2fpasswd')).statusCode).toBe(400);
  });

  it('offers to those of the first so many of a hundred, and to the rest when it goes to all', async () => {
    await publish('0.2.0', 30);
    const first = speakers.filter((id) => cohortOf(hashing.ofText, '0.2.0', id) < 30);
    const offered: string[] = [];
    for (const id of speakers) if ((await offerTo(id)) === 200) offered.push(id);
    expect(offered).toEqual(first);
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(40);
    await publish('0.2.0', 100);
    for (const id of speakers) expect(await offerTo(id)).toBe(200);
  });

  it('does not offer to a speaker what it went back from', async () => {
    await publish('0.2.0', 100);
    await report('speaker-07', 'rolled-back', 'update.trial-failed');
    expect([await offerTo('speaker-07'), await offerTo('speaker-08')]).toEqual([204, 200]);
  });

  it('halts by hand, and goes on when published again', async () => {
    await publish('0.2.0', 100);
    expect((await halt('0.2.0')).statusCode).toBe(204);
    expect(await offerTo('speaker-00')).toBe(204);
    await publish('0.2.0', 100);
    expect(await offerTo('speaker-00')).toBe(200);
  });

  it('halts by itself when too many went back, and not for a network that failed', async () => {
    await publish('0.2.0', 100);
    for (const id of speakers.slice(0, 10)) await report(id, 'failed', 'fetch.unreachable');
    for (const id of speakers.slice(10, 20)) await report(id, 'good');
    for (const id of speakers.slice(20, 20 + HALT_FAILURES - 1)) await report(id, 'rolled-back', 'update.trial-failed');
    expect(await offerTo('speaker-59')).toBe(200);
    await report('speaker-58', 'failed', 'update.self-test-failed');
    expect(await offerTo('speaker-59')).toBe(204);
    const view = (await get('/tonearm/v1/firmware')).json();
    expect(view.releases[0]).toMatchObject({ version: '0.2.0', good: 10, failed: 3 });
    expect(view.releases[0].rollout).toEqual({ version: '0.2.0', percent: 100, halted: 'too-many-failures' });
    expect(bench.door.metrics()).toContain('tonearm_');
  });

  it('goes on with few failures among many', async () => {
    await publish('0.2.0', 100);
    for (const id of speakers.slice(0, 40)) await report(id, 'good');
    for (const id of speakers.slice(40, 45)) await report(id, 'rolled-back', 'update.trial-failed');
    expect(await offerTo('speaker-59')).toBe(200);
  });

  it('does not offer what is not signed by who may', async () => {
    const stranger = new ReleaseMaker();
    const forged = stranger.make(3, made.content);
    shelve(bench.firmware, stranger, forged);
    expect((await publish('0.3.0', 100)).statusCode).toBe(404);
  });

  it('gives nothing to strangers where speakers have to show who they are, and rollouts to owners alone', async () => {
    await bench.close();
    const gate = createSpeakerGate(
      { holderOf: (token) => (token === 'own' ? speakerId('kitchen-1') : null) },
      { isOpen: false },
    );
    bench = new RestBench({ isOpen: false, gate });
    shelve(bench.firmware, maker, made);
    for (const url of [OFFER, `/content/v1/firmware/blocks/${sha256}`, `/content/v1/firmware/artifacts/${sha256}`]) {
      expect((await get(url, as('kitchen-1'))).statusCode).toBe(401);
    }
    expect((await report('kitchen-1', 'good')).statusCode).toBe(401);
    const welcomed = { ...HOST, authorization: 'Bearer own' };
    expect((await get(OFFER, welcomed)).statusCode).toBe(204);
    expect((await get(`/content/v1/firmware/blocks/${sha256}`, welcomed)).statusCode).toBe(200);
    expect([(await publish('0.2.0', 100)).statusCode, (await halt('0.2.0')).statusCode]).toEqual([401, 401]);
    expect((await get('/tonearm/v1/firmware')).statusCode).toBe(401);
  });
});
