/** `tonearm --ca`, as people run it, against a bridge's door with a certificate that only its house knows. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSelfSignedCertificate } from '#bridge/adapters/tls/self-signed-certificate';
import { RestBench } from '#sim/relay/rest-bench';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

let bench: RestBench;
let server: Server;
let folder: string;
let bridge: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  bench = new RestBench();
  await bench.door.app.ready();
  folder = await mkdtemp(join(tmpdir(), 'tonearm-ca-'));
  const [own, other] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (own === undefined || other === undefined) throw new Error('two keys were made');
  const cert = makeSelfSignedCertificate(own, 'the house', ['127.0.0.1']);
  await writeFile(file('house.pem'), `Subject: the house\n${cert}`);
  await writeFile(file('other.pem'), makeSelfSignedCertificate(other, 'the house', ['127.0.0.1']));
  await writeFile(file('broken.pem'), cert.replace(/\n[^-\n]{10}/, '\nAAAAAAAAAA'));
  await writeFile(file('empty.pem'), 'no certificate');
  const key = own.export({ type: 'pkcs8', format: 'pem' });
  server = createServer({ key, cert }, (request, response) => bench.door.app.routing(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bridge = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 30_000);
afterAll(async () => {
  server.close();
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

function devices(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number; said: string }>((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: '1', ...env } };
    const child = execFile(process.execPath, [MAIN, 'devices', '--bridge', bridge, ...words], options, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, said: out + err }),
    );
  });
}

describe('a bridge whose certificate only its house knows', { timeout: 60_000 }, () => {
  it('is nobody’s, or somebody else’s', async () => {
    expect((await devices([])).code).toBe(3);
    expect((await devices(['--ca', file('other.pem')])).code).toBe(3);
  });

  it('is believed with the house’s, named on the line or around it', async () => {
    expect(await devices(['--ca', file('house.pem')])).toMatchObject({ code: 0 });
    expect(await devices([], { TONEARM_CA: file('house.pem') })).toMatchObject({ code: 0 });
  });

  it.each([
    ['away.pem', 'cannot be read'],
    ['empty.pem', 'has no certificate in PEM'],
    ['broken.pem', 'has a certificate that is none'],
  ])('is not asked with %s', async (name, why) => {
    const { code, said } = await devices(['--ca', file(name)]);
    expect([code, said]).toEqual([2, expect.stringContaining(why)]);
  });
});
