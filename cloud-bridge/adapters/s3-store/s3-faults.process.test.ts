/** What S3 does to its clients: slow answers, cut answers, lost answers, other bytes, no room. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes, ms } from '#protocol/vocabulary/units';
import { instantClock } from '#sim/compliance/instant-clock';
import { S3Double } from '#sim/content/s3-double';
import { SeededRandom } from '#sim/world/seeded-random';
import { S3BlobStore } from './s3-blob-store.ts';

const ACCESS = { keyId: 'KEY', secret: 'a+secret/word', bucket: 'music' };
const ID = fileId('ab'.repeat(32));
const CONTENT = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
let folder = '';
let endpoint = '';
let double: S3Double;
let store: S3BlobStore;

function storeWith(secret: string, partBytes: number): S3BlobStore {
  const place = { endpoint, region: 'eu-west-1', bucket: ACCESS.bucket };
  const credentials = { keyId: ACCESS.keyId, secret };
  return new S3BlobStore(
    { clock: instantClock, random: new SeededRandom(7) },
    { place, credentials, prefix: '', scratchFolder: folder, partBytes, stallMs: ms(200) },
  );
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-s3-'));
  double = new S3Double(ACCESS);
  endpoint = await double.start();
  store = storeWith(ACCESS.secret, 40_000);
});
afterEach(async () => {
  store.close();
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function adopt(): Promise<void> {
  const path = join(folder, 'scratch');
  writeFileSync(path, CONTENT);
  await store.adopt(path, ID, bytes(30_000));
}

async function readAll(): Promise<Uint8Array> {
  const opened = await store.open(ID);
  if (!opened.ok) throw opened.error;
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.value.read(bytes(0), opened.value.sizeBytes)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

describe('an S3 store', () => {
  it('waits and tries again when it is told to slow down, and when nothing answers', async () => {
    double.failNext('PUT', 'slow-down', 2);
    double.failNext('POST', 'internal-error');
    double.failNext('GET', 'slow-down', 2);
    double.failNext('HEAD', 'silent');
    await adopt();
    expect(await readAll()).toEqual(CONTENT);
  });

  it('gives up in the end, and says so', async () => {
    await adopt();
    double.failNext('GET', 'slow-down', 100);
    await expect(readAll()).rejects.toMatchObject({ code: 'storage.failed', context: { s3Code: 'SlowDown' } });
    expect(double.requests.filter((it) => it.startsWith('GET')).length).toBeLessThanOrEqual(6);
  });

  it('goes on where an answer was cut, without a byte twice', async () => {
    await adopt();
    double.failNext('GET', 'reset', 3);
    expect(await readAll()).toEqual(CONTENT);
    expect(double.requests.filter((it) => it.startsWith('GET'))).toHaveLength(4);
  });

  it('does not believe that other bytes than it sent are its own', async () => {
    double.failNext('PUT', 'truncated', 2);
    await adopt();
    expect(await readAll()).toEqual(CONTENT);
    double.failNext('PUT', 'truncated', 100);
    await expect(store.putHead(ID, CONTENT)).rejects.toMatchObject({ code: 'storage.failed' });
  });

  it('knows a completed upload whose answer was lost, and one that failed late', async () => {
    // The first POST begins the upload; the second completes it.
    double.failNext('POST', 'none');
    double.failNext('POST', 'reset');
    await adopt();
    expect(await readAll()).toEqual(CONTENT);
    double.failNext('POST', 'none');
    double.failNext('POST', 'complete-fails-late');
    await adopt();
    expect(await readAll()).toEqual(CONTENT);
  });

  it('leaves no parts behind when an upload fails, nor when it was killed', async () => {
    double.failNext('PUT', 'none');
    double.failNext('PUT', 'none');
    double.failNext('PUT', 'full');
    await expect(adopt()).rejects.toMatchObject({ code: 'storage.full' });
    expect(double.uploads.size).toBe(0);
    expect([...double.objects.keys()].filter((key) => key.startsWith('objects/'))).toEqual([]);
    double.uploads.set('left', { key: `objects/ab/${'ab'.repeat(31)}`, parts: new Map() });
    await store.sweep(async () => true);
    expect(double.uploads.size).toBe(0);
  });

  it('says that its key is refused, without trying again and without telling the secret', async () => {
    const stranger = storeWith('another word', 40_000);
    const opened = await stranger.open(ID);
    stranger.close();
    expect(opened).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
    expect(double.refusals).toBe(1);
    expect(opened.ok ? '' : `${opened.error.message} ${opened.error.stack}`).not.toContain('another word');
  });
});
