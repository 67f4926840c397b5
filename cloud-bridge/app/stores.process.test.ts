/** A bridge whose music lies in S3, and one whose disk is full: what was told stays true, and work goes on later. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeSegmentOpener } from '#bridge/adapters/node-crypto/node-segment-opener';
import { type IngestView, ingestViewSchema } from '#protocol/wire/household';
import { type Manifest, manifestSchema } from '#protocol/wire/manifest';
import { type StoreCheckView, storeCheckViewSchema } from '#protocol/wire/store-check';
import { MANIFEST_PATH } from '#protocol/wire/versions';
import { writeWavTone } from '#sim/content/music-files';
import { S3Double } from '#sim/content/s3-double';

const SONGS = 3;
const SONG_FRAMES = 3 * 48_000;
/** Time for an ingest on a machine with other things to do. */
const WITHIN_MS = 60_000;
const MAIN = join(import.meta.dirname, 'main.ts');
const ACCESS = { keyId: 'KEY', secret: 'never-in-a-log', bucket: 'music' };
let root = '';
let child: ChildProcess | null = null;
let log = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tonearm-stores-'));
  mkdirSync(join(root, 'music'));
  mkdirSync(join(root, 'data'));
  log = '';
  for (let song = 1; song <= SONGS; song += 1) {
    writeWavTone({ path: join(root, 'music', `${song}.wav`), rateHz: 48_000, frames: SONG_FRAMES, hz: 200 + song });
  }
});
afterEach(async () => {
  await stop();
  rmSync(root, { recursive: true, force: true });
});

/** @returns the bridge's address */
async function start(...flags: string[]): Promise<string> {
  const common = ['--data', join(root, 'data'), '--port', '0', '--host', '127.0.0.1', '--no-mdns', '--access', 'open'];
  const env = { ...process.env, TONEARM_S3_KEY_ID: ACCESS.keyId, TONEARM_S3_SECRET: ACCESS.secret };
  const started = spawn(process.execPath, [MAIN, ...common, ...flags], { stdio: ['ignore', 'pipe', 'inherit'], env });
  child = started;
  const ready = Promise.withResolvers<string>();
  createInterface({ input: started.stdout }).on('line', (line) => {
    log += `${line}\n`;
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'url' in entry) ready.resolve(String(entry.url));
  });
  started.once('exit', () => ready.reject(new Error(`the bridge ended before it was ready: ${log}`)));
  return await ready.promise;
}

async function stop(): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function until<Value>(ask: () => Promise<Value | null>): Promise<Value> {
  const before = Date.now();
  while (Date.now() - before < WITHIN_MS) {
    const value = await ask();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come in time');
}

async function ingest(url: string): Promise<IngestView> {
  const body = JSON.stringify({ folder: join(root, 'music') });
  await fetch(`${url}/tonearm/v1/ingest`, { method: 'POST', body });
  return await until(async () => {
    const view = ingestViewSchema.parse(await (await fetch(`${url}/tonearm/v1/ingest`)).json());
    return view.isRunning ? null : view;
  });
}

async function check(url: string): Promise<StoreCheckView> {
  await fetch(`${url}/tonearm/v1/check`, { method: 'POST' });
  return await until(async () => {
    const view = storeCheckViewSchema.parse(await (await fetch(`${url}/tonearm/v1/check`)).json());
    return view.isRunning ? null : view;
  });
}

async function manifests(url: string): Promise<readonly Manifest[]> {
  const answer = await fetch(`${url}/tonearm/v1/tracks?limit=50`);
  const { items } = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
  return await Promise.all(
    items.map(async ({ id }) => manifestSchema.parse(await (await fetch(`${url}${MANIFEST_PATH}/${id}`)).json())),
  );
}

/** Fetches the second segment as a speaker does. @returns null unless it opens */
async function playSecond(url: string, manifest: Manifest): Promise<Uint8Array | null> {
  const [file] = manifest.files;
  const [first = 0, second = 0] = file?.segmentSizesBytes ?? [];
  if (file === undefined) return null;
  const headers = { authorization: `Bearer ${manifest.token}`, range: `bytes=${first}-${first + second - 1}` };
  const answer = await fetch(`${url}/content/v1/files/${file.fileId}`, { headers });
  const sealed = new Uint8Array(await answer.arrayBuffer());
  const key = Buffer.from(file.key.base64, 'base64');
  const isLast = file.segmentSizesBytes.length === 2;
  return new NodeSegmentOpener().open({ key, fileId: file.fileId, segment: 1, isLast, sealed });
}

describe('a bridge whose music lies in S3', () => {
  it('stores a library there, plays from it, checks it, and does so after a restart', async () => {
    const double = new S3Double(ACCESS);
    const endpoint = await double.start();
    try {
      const store = ['--store', `s3://${ACCESS.bucket}/house?endpoint=${endpoint}&region=eu-west-1`];
      const first = await start(...store);
      double.failNext('PUT', 'slow-down', 3);
      expect(await ingest(first)).toMatchObject({ found: SONGS, done: SONGS, failed: 0 });
      double.failNext('GET', 'reset');
      for (const manifest of await manifests(first)) expect(await playSecond(first, manifest)).not.toBeNull();
      const kept = [...double.objects.keys()];
      expect(kept.filter((key) => key.startsWith('house/heads/')).length).toBeGreaterThanOrEqual(SONGS);
      await stop();
      const second = await start(...store);
      const [manifest] = await manifests(second);
      if (manifest === undefined) throw new Error('there were tracks');
      expect(await playSecond(second, manifest)).not.toBeNull();
      expect([...double.objects.keys()]).toEqual(kept);
      expect(await check(second)).toMatchObject({ found: 0, checked: kept.length / 2, failure: null });
      expect(readdirSync(join(root, 'data'))).not.toContain('objects');
      expect(log).not.toContain(ACCESS.secret);
    } finally {
      await stop();
      await double.stop();
    }
  }, 120_000);
});

/** Only root may mount, and not in every container. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-mount-'));
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return isMounted;
}

describe.skipIf(!canMount())('a bridge whose disk is full (needs root, to mount a small one)', () => {
  const DISK_BYTES = 32 * 1024 * 1024;
  /** Enough for SQLite's log, not for a library. */
  const LEFT_BYTES = 600 * 1024;

  it('says so, keeps what it has, and goes on when there is room again', async () => {
    const data = join(root, 'data');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', data]);
    try {
      const url = await start();
      const { bavail, bsize } = statfsSync(data);
      writeFileSync(join(data, 'ballast'), new Uint8Array(bavail * bsize - LEFT_BYTES));
      const full = await ingest(url);
      expect(full.failed).toBeGreaterThan(0);
      expect(full.failures.map((it) => it.error.code)).toContain('storage.full');
      expect(readdirSync(join(data, 'scratch'))).toEqual([]);
      rmSync(join(data, 'ballast'));
      expect(await check(url)).toMatchObject({ found: 0, failure: null });
      await ingest(url);
      expect(await manifests(url)).toHaveLength(SONGS);
      expect(await check(url)).toMatchObject({ found: 0, failure: null });
      expect((await check(url)).checked).toBeGreaterThanOrEqual(SONGS);
    } finally {
      await stop();
      execFileSync('umount', [data]);
    }
  }, 120_000);
});
