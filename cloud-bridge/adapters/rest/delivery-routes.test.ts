import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { benchTrackId, EDGE_URL, FILE_ID, FILE_TOKEN, RestBench } from '#sim/relay/rest-bench';

let bench: RestBench;
beforeEach(() => {
  bench = new RestBench();
});
afterEach(() => bench.close());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

function call(method: Method, url: string, body?: unknown, headers = {}): Promise<LightMyRequestResponse> {
  const all = { host: 'localhost:4747', ...headers };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  return bench.door.app.inject({ method, url, headers: all, ...payload });
}

const bearer = { authorization: `Bearer ${FILE_TOKEN}` };
const SPEAKER = speakerId('kitchen-speaker');
const ACCESS = '/tonearm/v1/access';
const REVOCATIONS = '/content/v1/revocations';

describe('a manifest', () => {
  const MANIFEST = `/content/v1/manifests/${benchTrackId(1)}`;

  it('is asked for with all that the asker says of itself', async () => {
    await call('GET', `${MANIFEST}?region=attic&networkKbps=800&maxKbps=160`, undefined, {
      'tonearm-speaker': SPEAKER,
    });
    await call('GET', MANIFEST);
    expect(bench.askers).toEqual([
      { speakerId: SPEAKER, region: 'attic', networkKbps: 800, maxKbps: 160, bridgeUrl: 'http://localhost:4747' },
      { speakerId: null, region: null, networkKbps: null, maxKbps: null, bridgeUrl: 'http://localhost:4747' },
    ]);
  });

  it.each([
    ['?networkKbps=fast', {}, 'networkKbps'],
    ['?maxKbps=0', {}, 'maxKbps'],
    [`?region=${'x'.repeat(65)}`, {}, 'region'],
    ['', { 'tonearm-speaker': 'no id' }, 'tonearm-speaker'],
  ])('is refused for %s %j, naming the field', async (query, headers, field) => {
    const answer = await call('GET', `${MANIFEST}${query}`, undefined, headers);
    expect([answer.statusCode, answer.json().error.field]).toEqual([400, field]);
  });
});

describe('a head', () => {
  it('is had with the token of its file', async () => {
    const path = `/content/v1/heads/${FILE_ID}`;
    const answer = await fetch(`http://127.0.0.1:${await bench.door.listen(0, '127.0.0.1')}${path}`, {
      headers: bearer,
    });
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 1_000]);
    expect((await call('GET', path)).json().error.code).toBe('content.token-refused');
  });
});

describe('a path that is no content path', () => {
  it.each([
    '/content/v1/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    `/content/v1/files/${FILE_ID}/..`,
    `/content/v1/files/${FILE_ID}%00`,
    `/content/v1/files/${FILE_ID.toUpperCase()}`,
    `/content/v1/files/${FILE_ID.slice(1)}`,
    `/content/v1/heads//${FILE_ID}`,
    '/content/v1/files/',
  ])('%s gives nothing', async (path) => {
    const answer = await call('GET', path, undefined, bearer);
    expect([400, 404]).toContain(answer.statusCode);
    expect(bench.piecesRead).toBe(0);
  });
});

describe('another server that asks', () => {
  const ask = async (uri: string | undefined, headers = {}) => {
    const about = uri === undefined ? {} : { 'x-original-uri': uri };
    return (await call('GET', '/content/v1/authorise', undefined, { ...bearer, ...about, ...headers })).statusCode;
  };

  it('is told 204 for a file and a head that the token opens', async () => {
    expect(await ask(`/content/v1/files/${FILE_ID}`)).toBe(204);
    expect(await ask(`/content/v1/heads/${FILE_ID}`)).toBe(204);
  });

  it('is told for how long it may believe that, and for how long when it cannot ask again', async () => {
    const about = { 'x-original-uri': `/content/v1/files/${FILE_ID}` };
    const answer = await call('GET', '/content/v1/authorise', undefined, { ...bearer, ...about });
    expect(answer.headers['cache-control']).toMatch(/^max-age=2, stale-if-error=9[678]$/);
  });

  it.each([
    undefined,
    '',
    '/',
    `/content/v1/files/${'0'.repeat(64)}`,
    `/content/v1/files/${FILE_ID}?x=1`,
    `/content/v1/files/${FILE_ID}/`,
    `/content/v1/files/${FILE_ID}\n`,
    `/content/v1/files/${'0'.repeat(64)}/../${FILE_ID}`,
    `//content/v1/files/${FILE_ID}`,
    `/content/v1/manifests/${FILE_ID}`,
    `http://bridge/content/v1/files/${FILE_ID}`,
    `/content/v1/files/${FILE_ID.toUpperCase()}`,
    `/content/v1/%66iles/${FILE_ID}`,
  ])('is told 403 for %s', async (uri) => {
    expect(await ask(uri)).toBe(403);
  });

  it('is told 403 without the token', async () => {
    expect(await ask(`/content/v1/files/${FILE_ID}`, { authorization: '' })).toBe(403);
  });
});

describe('keys and revocations', () => {
  it('are had by who asks, the latter only when something changed', async () => {
    expect((await call('GET', '/content/v1/keys')).json()).toEqual({ issuer: 'bridge', keys: [] });
    expect((await call('GET', `${REVOCATIONS}?after=0`)).statusCode).toBe(304);
    await call('POST', `${ACCESS}/revocations`, { kind: 'speaker', speakerId: SPEAKER });
    const changed = await call('GET', `${REVOCATIONS}?after=0`);
    expect(changed.json()).toMatchObject({ revision: 1, entries: [{ kind: 'speaker', spk: SPEAKER }] });
    expect((await call('GET', `${REVOCATIONS}?after=1`)).statusCode).toBe(304);
    expect((await call('GET', `${REVOCATIONS}?after=7`)).json().revision).toBe(1);
    expect((await call('GET', `${REVOCATIONS}?after=x`)).statusCode).toBe(400);
  });

  it('are made and undone by whoever is in the house', async () => {
    expect((await call('POST', `${ACCESS}/revocations`, { kind: 'account', accountId: 'household' })).statusCode).toBe(
      204,
    );
    expect((await call('GET', `${ACCESS}/accounts`)).json().items[0].revokedSinceS).toBeGreaterThan(0);
    expect((await call('DELETE', `${ACCESS}/revocations/accounts/household`)).statusCode).toBe(204);
    expect((await call('GET', `${ACCESS}/accounts`)).json().items[0].revokedSinceS).toBe(null);
    await call('POST', `${ACCESS}/revocations`, { kind: 'speaker', speakerId: SPEAKER });
    expect(bench.access.askerOf(SPEAKER).isSpeakerRevoked).toBe(true);
    expect((await call('DELETE', `${ACCESS}/revocations/speakers/${SPEAKER}`)).statusCode).toBe(204);
    expect(bench.access.askerOf(SPEAKER).isSpeakerRevoked).toBe(false);
    expect((await call('POST', `${ACCESS}/revocations`, { kind: 'token', tokenId: 'token-one' })).statusCode).toBe(204);
  });

  it.each([
    [{ kind: 'everybody' }, 400],
    [{ kind: 'account' }, 400],
    [{ kind: 'account', accountId: 'nobody' }, 404],
    [{ kind: 'speaker', speakerId: '../x' }, 400],
    [{ kind: 'token', tokenId: '' }, 400],
    [{}, 400],
  ])('are not made by %j', async (body, status) => {
    expect((await call('POST', `${ACCESS}/revocations`, body)).statusCode).toBe(status);
    expect(bench.access.revocations().revision).toBe(0);
  });

  it('are not made by a page from elsewhere', async () => {
    const body = { kind: 'account', accountId: 'household' };
    const answer = await call('POST', `${ACCESS}/revocations`, body, { origin: 'https://evil.example' });
    expect(answer.statusCode).toBe(403);
  });
});

describe('accounts', () => {
  it('are described and given speakers', async () => {
    const guests = { name: 'Guests', tier: 'free', country: null };
    expect((await call('PUT', `${ACCESS}/accounts/guests`, guests)).statusCode).toBe(204);
    expect((await call('PUT', `${ACCESS}/speakers/${SPEAKER}`, { accountId: 'guests' })).statusCode).toBe(204);
    expect(bench.access.askerOf(SPEAKER).account).toEqual({ id: 'guests', ...guests, revokedSinceS: null });
    expect((await call('PUT', `${ACCESS}/accounts/guests`, { ...guests, tier: 'gold' })).statusCode).toBe(400);
    expect((await call('PUT', `${ACCESS}/accounts/guests`, { ...guests, country: 'Austria' })).statusCode).toBe(400);
    expect((await call('PUT', `${ACCESS}/speakers/${SPEAKER}`, { accountId: 'nobody' })).statusCode).toBe(404);
  });
});

describe('edges', () => {
  it('are reported on by speakers and shown with what is thought of them', async () => {
    const said = { url: EDGE_URL, requests: 10, failures: 0, firstByteMs: 12, bytesPerSecond: null };
    const answer = await call('POST', '/content/v1/edge-reports', { speakerId: SPEAKER, edges: [said] });
    expect(answer.statusCode).toBe(204);
    expect((await call('GET', '/tonearm/v1/edges')).json()).toEqual({
      items: [
        {
          url: EDGE_URL,
          region: 'attic',
          reason: 'fast',
          condition: 'up',
          firstByteMs: 12,
          failureShare: 0,
          probeMs: null,
        },
      ],
    });
    const wrong = { speakerId: SPEAKER, edges: [{ ...said, failures: -1 }] };
    expect((await call('POST', '/content/v1/edge-reports', wrong)).json().error.field).toBe('edges.0.failures');
  });
});

describe('too many readers', () => {
  it('are sent away for a moment, each for another, and counted', async () => {
    await bench.close();
    bench = new RestBench({ contentResponsesMax: 0 });
    const waits = new Set<string | undefined>();
    for (let n = 0; n < 40; n += 1) {
      const answer = await call('GET', `/content/v1/files/${FILE_ID}`, undefined, bearer);
      expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'content.overloaded']);
      waits.add(String(answer.headers['retry-after']));
    }
    expect(waits.size).toBeGreaterThan(1);
    for (const wait of waits) expect(Number(wait)).toBeGreaterThanOrEqual(1);
    const metrics = await call('GET', '/metrics');
    expect(metrics.payload).toContain('tonearm_content_requests_total{route="file",status="503"} 40');
  });
});

describe('the counters', () => {
  it('come with a word that the bridge is alive', async () => {
    const answer = await call('GET', '/healthz');
    expect([answer.statusCode, answer.payload]).toEqual([200, 'ok\n']);
  });

  it('are what Prometheus reads', async () => {
    await call('GET', `/content/v1/manifests/${benchTrackId(1)}`);
    const url = `http://127.0.0.1:${await bench.door.listen(0, '127.0.0.1')}/content/v1/files/${FILE_ID}`;
    await (await fetch(url, { headers: { ...bearer, range: 'bytes=0-99' } })).arrayBuffer();
    await (await fetch(url)).arrayBuffer();
    const answer = await call('GET', '/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      '# TYPE tonearm_content_requests_total counter',
      'tonearm_content_requests_total{route="manifest",status="200"} 1',
      'tonearm_content_requests_total{route="file",status="206"} 1',
      'tonearm_content_requests_total{route="file",status="403"} 1',
      'tonearm_content_bytes_total 100',
      'tonearm_manifests_total 1',
      'tonearm_content_responses_running 0',
    ]) {
      expect(answer.payload.split('\n')).toContain(line);
    }
  });
});
