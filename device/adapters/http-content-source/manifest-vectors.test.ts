import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { trackId } from '#protocol/vocabulary/ids';
import { createHttpContentSource, type HttpContentSource } from './http-content-source.ts';

const { valid, invalid } = loadGoldenVectors('manifest');
const ANY_TRACK = trackId('a'.repeat(22));

describe('a manifest over HTTP', () => {
  let body = '';
  let source: HttpContentSource;
  const server = createServer((_, response) => response.end(body));

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    source = createHttpContentSource(createSystemClock());
    source.setBridge(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterAll(async () => {
    source.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(valid.map((vector) => [vector.name, vector] as const))('reads: %s', async (_, { text, read }) => {
    body = text;
    const outcome = await source.fetchManifest(ANY_TRACK).outcome;
    expect(outcome).toEqual({ ok: true, value: read });
  });

  it.each(invalid.map((vector) => [vector.name, vector] as const))('refuses: %s', async (_, { text, field }) => {
    body = text;
    const outcome = await source.fetchManifest(ANY_TRACK).outcome;
    expect(outcome.ok).toBe(false);
    if (!outcome.ok && field !== undefined) expect(`${outcome.error.field} ${outcome.error.message}`).toContain(field);
  });
});
