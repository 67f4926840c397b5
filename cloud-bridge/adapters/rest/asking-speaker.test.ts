import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import { SpeakerPasses } from '#bridge/core/relay/speaker-passes';
import { speakerId } from '#protocol/vocabulary/ids';
import { benchTrackId, RestBench } from '#sim/relay/rest-bench';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

const MANIFEST = `/content/v1/manifests/${benchTrackId(1)}`;
const REPORTS = '/content/v1/edge-reports';
const SPEAKER = speakerId('kitchen-speaker');
const OTHER = speakerId('bath-speaker');

let passes: SpeakerPasses;
let bench: RestBench;
let token: string;

beforeEach(() => {
  passes = new SpeakerPasses({ clock: new VirtualClock(), random: new SeededRandom(5) });
  token = passes.issue(SPEAKER);
});
afterEach(() => bench.close());

function open(isOpen: boolean): void {
  bench = new RestBench({ gate: createSpeakerGate(passes, { isOpen }) });
}

const ask = async (url: string, bearer: string | null, body?: object) => {
  const authorization = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  const headers = { host: 'localhost:4747', 'tonearm-speaker': OTHER, ...authorization };
  const posted = body === undefined ? {} : { method: 'POST' as const, body };
  const { statusCode, json } = await bench.door.app.inject({ url, headers, ...posted });
  return { status: statusCode, code: statusCode < 300 ? null : json().error.code };
};

describe('what only speakers ask for', () => {
  it('is theirs by the token of their welcome, whoever they say they are', async () => {
    open(false);
    expect(await ask(MANIFEST, token)).toEqual({ status: 200, code: null });
    expect(bench.askers.at(-1)?.speakerId).toBe(SPEAKER);
  });

  it.each([
    ['no token', () => null],
    ['another token', () => 'T'.repeat(43)],
    ['a piece of it', () => token.slice(0, 42)],
  ])('is not given for %s, and the manifest is not made', async (_, bearer) => {
    open(false);
    const refused = { status: 401, code: 'access.sign-in-needed' };
    expect(await ask(MANIFEST, bearer())).toEqual(refused);
    expect(await ask(REPORTS, bearer(), { speakerId: OTHER, edges: [] })).toEqual(refused);
    expect(bench.askers).toEqual([]);
  });

  it('is not given any more to one that was forgotten', async () => {
    open(false);
    passes.revoke(SPEAKER);
    expect((await ask(MANIFEST, token)).status).toBe(401);
  });

  it('is everybody’s in an open house, with a token or without', async () => {
    open(true);
    expect((await ask(MANIFEST, null)).status).toBe(200);
    expect(bench.askers.at(-1)?.speakerId).toBe(OTHER);
    expect((await ask(MANIFEST, token)).status).toBe(200);
    expect(bench.askers.at(-1)?.speakerId).toBe(SPEAKER);
  });
});
