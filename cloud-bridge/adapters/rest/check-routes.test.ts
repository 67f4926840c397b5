import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeCheckViewSchema } from '#protocol/wire/store-check';
import { RestBench } from '#sim/relay/rest-bench';

const PATH = '/tonearm/v1/check';
let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

describe('the routes of a check', () => {
  it('begin one, tell how far it is, and begin no second', async () => {
    const begun = await bench.door.app.inject({ method: 'POST', url: PATH, payload: { repair: true } });
    expect(begun.statusCode).toBe(202);
    expect(bench.checks).toEqual([true]);
    const view = await bench.door.app.inject({ method: 'GET', url: PATH });
    expect(storeCheckViewSchema.parse(view.json())).toMatchObject({ isRunning: true });
    const second = await bench.door.app.inject({ method: 'POST', url: PATH });
    expect(second.json()).toMatchObject({ error: { code: 'ingest.busy' } });
  });

  it('repair only when asked', async () => {
    await bench.door.app.inject({ method: 'POST', url: PATH });
    expect(bench.checks).toEqual([false]);
  });

  it('name the field that is wrong', async () => {
    const refused = await bench.door.app.inject({ method: 'POST', url: PATH, payload: { repair: 'yes' } });
    expect(refused.json()).toMatchObject({ error: { code: 'input.invalid', field: 'repair' } });
    expect(bench.checks).toEqual([]);
  });
});
