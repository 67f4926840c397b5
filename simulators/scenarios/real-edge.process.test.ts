/** A real edge, and nginx in the same role, before a real bridge: the same bytes as the bridge's own, to whom it may and no one else. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '#protocol/wire/manifest';
import { FILE_PATH, HEAD_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import { EdgeProcess } from '#sim/edge/edge-process';
import { missingForNginx, NginxProcess } from '#sim/edge/nginx-process';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const RATE = 48_000;
const MUSIC_SECONDS = 4;
const INGEST_WITHIN_MS = 30_000;

describe('edges before a real bridge', () => {
  let house: HouseholdProcesses;
  let folder = '';
  let manifest: Manifest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tonearm-real-edge-'));
    await mkdir(join(folder, 'music'));
    const samples = fingerprintTrack(7, MUSIC_SECONDS * RATE);
    const wav = encodeWav({ left: samples, right: samples, rate: RATE });
    await writeFile(join(folder, 'music', 'Noise.wav'), wav);
    house = await HouseholdProcesses.create();
    await house.startBridge({ music: join(folder, 'music'), hasMdns: false });
    await house.phone().until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done === 1, INGEST_WITHIN_MS);
    manifest = await findManifest();
  }, 60_000);

  afterAll(async () => {
    await house.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function findManifest(): Promise<Manifest> {
    const found = await fetch(`${house.url}/v1/search?q=noise&type=track`);
    const { tracks } = (await found.json()) as { tracks: { items: readonly { id: string }[] } };
    const answer = await fetch(`${house.url}${MANIFEST_PATH}/${tracks.items[0]?.id}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Manifest;
  }

  async function expectSameAsBridge(edgeUrl: string): Promise<void> {
    const file = manifest.files[0];
    if (file === undefined) throw new Error('a manifest without files');
    const headers = { authorization: `Bearer ${manifest.token}` };
    for (const [path, range] of [
      [`${FILE_PATH}/${file.fileId}`, 'bytes=100-2099'],
      [`${FILE_PATH}/${file.fileId}`, null],
      [`${HEAD_PATH}/${file.fileId}`, null],
    ] as const) {
      const asked = { headers: { ...headers, ...(range === null ? {} : { range }) } };
      const [ours, theirs] = [await fetch(house.url + path, asked), await fetch(edgeUrl + path, asked)];
      expect([path, theirs.status, theirs.headers.get('content-range')]).toEqual([
        path,
        ours.status,
        ours.headers.get('content-range'),
      ]);
      const body = Buffer.from(await theirs.arrayBuffer());
      expect(body.length).toBeGreaterThan(1_000);
      expect(body.equals(Buffer.from(await ours.arrayBuffer()))).toBe(true);
      expect((await fetch(edgeUrl + path, { headers: { authorization: 'Bearer forged' } })).status).toBe(403);
    }
  }

  it('tonearm edge gives the bytes that the bridge gives', async () => {
    const edge = await EdgeProcess.start({ origin: house.url, cacheFolder: join(folder, 'cache') });
    try {
      await expectSameAsBridge(edge.url);
    } finally {
      await edge.stop();
    }
  });

  it.skipIf(missingForNginx() !== null)('nginx gives the bytes that the bridge gives', async () => {
    const nginx = await NginxProcess.startEdge(house.port);
    try {
      await expectSameAsBridge(nginx.url);
    } finally {
      await nginx.stop();
    }
  });
});
