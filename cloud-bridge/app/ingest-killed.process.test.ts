/** A bridge that is killed while it takes music in: what it told anyone still holds when it is back, and it goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestViewSchema } from '#protocol/wire/household';
import { type Manifest, manifestSchema } from '#protocol/wire/manifest';
import { MANIFEST_PATH } from '#protocol/wire/versions';
import { writeWavTone } from '#sim/content/music-files';

const SONGS = 4;
/** Milliseconds after the first manifest was had: somewhere in another encode, seal or rename. */
const KILLS_AFTER_MS = [0, 60];
const MAIN = join(import.meta.dirname, 'main.ts');
let root = '';
let child: ChildProcess | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tonearm-killed-'));
  mkdirSync(join(root, 'music'));
  for (let song = 1; song <= SONGS; song += 1) {
    writeWavTone({ path: join(root, 'music', `${song}.wav`), rateHz: 48_000, frames: 96_000, hz: 200 + song });
  }
});
afterEach(async () => {
  await kill();
  rmSync(root, { recursive: true, force: true });
});

/** @returns the bridge's address */
async function start(): Promise<string> {
  const started = spawn(
    process.execPath,
    [
      MAIN,
      '--data',
      join(root, 'data'),
      '--port',
      '0',
      '--host',
      '127.0.0.1',
      '--no-mdns',
      '--access',
      'open',
      '--music',
      join(root, 'music'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child = started;
  for await (const line of createInterface({ input: started.stdout })) {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'url' in entry) return String(entry.url);
  }
  throw new Error('the bridge ended before it was ready');
}

/** Of a source without loss; those after the first are added while the bridge is killed and comes back. */
const QUALITIES = 4;

async function kill(): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function trackIds(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/tonearm/v1/tracks?limit=50`);
  const body = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
  return body.items.map((track) => track.id);
}

/** Null while it is being prepared. */
async function manifest(url: string, id: string): Promise<Manifest | null> {
  const answer = await fetch(`${url}${MANIFEST_PATH}/${id}`);
  return answer.ok ? manifestSchema.parse(await answer.json()) : null;
}

async function isDone(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/tonearm/v1/ingest`);
  const { isRunning, found, done } = ingestViewSchema.parse(await answer.json());
  return !isRunning && found === SONGS && done === SONGS;
}

async function firstManifest(url: string): Promise<Manifest> {
  return await until(async () => {
    const [id] = await trackIds(url);
    return id === undefined ? null : await manifest(url, id);
  });
}

async function until<Value>(ask: () => Promise<Value | null>): Promise<Value> {
  for (let tries = 0; tries < 4_500; tries += 1) {
    const value = await ask();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come within 90 s');
}

describe('a bridge killed in the middle of an ingest', () => {
  it('keeps what it told, and finishes when it is back', async () => {
    let told: Manifest | null = null;
    for (const afterMs of KILLS_AFTER_MS) {
      const url = await start();
      const found = await firstManifest(url);
      told ??= found;
      expect(found.files).toEqual(expect.arrayContaining(told.files));
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await kill();
    }
    const url = await start();
    // Nobody asks for a manifest before: what is told once is told so for a while, without the qualities that come later.
    await until(async () => ((await isDone(url)) ? true : null));
    const ids = await trackIds(url);
    const all = await Promise.all(ids.map((id) => manifest(url, id)));
    expect(all.map((it) => it?.files.length)).toEqual(Array.from({ length: SONGS }, () => QUALITIES));
    expect(all.find((it) => it?.trackId === told?.trackId)?.files).toEqual(expect.arrayContaining(told?.files ?? []));
    expect(readdirSync(join(root, 'data', 'scratch'))).toEqual([]);
    expect(readdirSync(join(root, 'data', 'objects')).length).toBeGreaterThan(0);
  }, 120_000);
});
