import { afterEach, describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { RestBench } from '#sim/relay/rest-bench';

const RECORD = { method: 'POST', url: '/tonearm/v1/flight-record' } as const;
const LEFT = { file: '/data/flight/bridge-20260101T000000000Z.flight.jsonl', sizeBytes: 1_234, seconds: 60 };

let bench: RestBench;
afterEach(() => bench.close());

describe('the route of the flight recorder', () => {
  it('has what is held written, and says where', async () => {
    let written = 0;
    const write = () => {
      written += 1;
      return LEFT;
    };
    bench = new RestBench({ flight: { write } });
    const answer = await bench.door.app.inject(RECORD);
    expect([answer.statusCode, answer.json()]).toEqual([201, LEFT]);
    expect(written).toBe(1);
  });

  it('says how to switch it on where it is off', async () => {
    bench = new RestBench();
    const answer = await bench.door.app.inject(RECORD);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 'input.unknown' } });
    expect(answer.body).toContain('--flight-recorder on');
  });

  it('fails as the disk fails', async () => {
    const write = () => {
      throw new TonearmError('storage.failed', 'no room');
    };
    bench = new RestBench({ flight: { write } });
    expect((await bench.door.app.inject(RECORD)).json()).toMatchObject({ error: { code: 'storage.failed' } });
  });

  it('is not for everybody', async () => {
    bench = new RestBench({ isOpen: false, flight: { write: () => LEFT } });
    expect((await bench.door.app.inject(RECORD)).statusCode).toBe(401);
  });
});
