import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createRestClient } from './rest-client.ts';

let server: Server | null = null;
afterEach(() => server?.close());

const speaker = (n: number) => ({
  id: `speaker-number-${String(n).padStart(4, '0')}`,
  name: `Room ${n}`,
  ownerId: 'account-anna',
});

/** Answers with what `pageAt` says of an offset. @returns its address, and the offsets that were asked for */
async function serve(pageAt: (offset: number) => object): Promise<{ url: string; asked: number[] }> {
  const asked: number[] = [];
  server = createServer((request, response) => {
    const offset = Number(new URL(request.url ?? '/', 'http://bridge').searchParams.get('offset') ?? 0);
    asked.push(offset);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(pageAt(offset)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

it('gets the speakers of the house page by page', async () => {
  const all = [1, 2, 3, 4, 5].map(speaker);
  const { url, asked } = await serve((offset) => ({ items: all.slice(offset, offset + 2), total: all.length }));
  const got = await createRestClient(url, new AbortController().signal).pairedSpeakers();
  expect(got.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(asked).toEqual([0, 2, 4]);
});

it('is content with a bridge that tells all at once, and with one that promises more than it has', async () => {
  const old = await serve(() => ({ items: [speaker(1)] }));
  expect(await createRestClient(old.url, new AbortController().signal).pairedSpeakers()).toHaveLength(1);
  server?.close();
  const odd = await serve((offset) => ({ items: offset === 0 ? [speaker(1)] : [], total: 9 }));
  expect(await createRestClient(odd.url, new AbortController().signal).pairedSpeakers()).toHaveLength(1);
  expect(odd.asked).toEqual([0, 1]);
});
