/** The bridge's content with its real threads, on a real folder: from a file to sealed segments that open again. */
import { createDecipheriv } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Track } from '#bridge/core/ports/catalogue';
import type { ManifestAsker } from '#bridge/core/ports/content';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { speakerId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { type Manifest, manifestSchema, segmentAssociatedData } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { writeWavTone } from '#sim/content/music-files';
import { type Content, composeContent } from './compose-content.ts';

const ALL = { offset: 0, limit: 100 };
/** One brown pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNocFAAAAIkAOGrWWInAAAAAElFTkSuQmCC',
  'base64',
);
const ASKER: ManifestAsker = {
  speakerId: speakerId('S'.repeat(22)),
  region: null,
  networkKbps: null,
  maxKbps: null,
  bridgeUrl: 'http://bridge:4747',
};

let root = '';
let music = '';
let content: Content | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tonearm-content-'));
  music = join(root, 'music');
  mkdirSync(join(music, 'Artist', 'Album'), { recursive: true });
});
afterEach(async () => {
  await content?.close();
  content = null;
  rmSync(root, { recursive: true, force: true });
});

async function open(): Promise<Content> {
  const shared = { clock: createSystemClock(), random: createSystemRandom(), logger: silentLogger };
  content = await composeContent({ ...shared, dataDir: join(root, 'data') }, { decoder: 'wasm', encodeThreads: 1 });
  return content;
}

async function takeIn(it: Content): Promise<readonly Track[]> {
  const begun = await it.ingest.begin(music);
  if (!begun.ok) throw begun.error;
  await it.ingest.settled();
  return (await it.catalogue.allTracks(ALL)).items;
}

function writeSong(name: string, frames: number, hz = 440): void {
  writeWavTone({ path: join(music, 'Artist', 'Album', name), rateHz: 44_100, frames, hz });
}

async function manifestOf(it: Content, track: Track | undefined): Promise<Manifest> {
  if (track === undefined) throw new Error('the track is not there');
  const manifest = await it.manifests.manifestFor(track.id, ASKER);
  if (!manifest.ok) throw manifest.error;
  const parsed = parseValue(manifestSchema, JSON.parse(JSON.stringify(manifest.value)), 'manifest');
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

/** Opens the stored file with what the manifest says, as a speaker does. */
async function plaintext(it: Content, manifest: Manifest): Promise<Buffer> {
  const file = manifest.files.find((it) => it.bitrateKbps === 160);
  if (file === undefined) throw new Error('each of these tracks has this quality');
  const object = await it.content.open({ fileId: file.fileId, token: manifest.token, speakerId: ASKER.speakerId });
  if (!object.ok) throw object.error;
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [segment, size] of file.segmentSizesBytes.entries()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of object.value.read(bytes(offset), size)) pieces.push(piece);
    offset += size;
    const sealed = Buffer.concat(pieces);
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(segment, 8);
    const cipher = createDecipheriv('aes-128-gcm', Buffer.from(file.key.base64, 'base64'), nonce);
    cipher.setAAD(
      Buffer.from(segmentAssociatedData(file.fileId, segment, segment === file.segmentSizesBytes.length - 1)),
    );
    cipher.setAuthTag(sealed.subarray(-16));
    parts.push(cipher.update(sealed.subarray(0, -16)), cipher.final());
  }
  expect(offset).toBe(object.value.sizeBytes);
  return Buffer.concat(parts);
}

describe('a folder of music', () => {
  it('becomes tracks with names, lengths, pictures, and files that open', async () => {
    writeSong('01 - One.wav', 66_150);
    writeSong('02 - Two.wav', 44_100);
    writeFileSync(join(music, 'Artist', 'Album', 'Cover.PNG'), PNG);
    const it = await open();
    const tracks = await takeIn(it);
    expect(tracks.map((track) => [track.title, track.trackNumber, track.album.title, track.durationFrames])).toEqual([
      ['One', 1, 'Album', 72_000],
      ['Two', 2, 'Album', 48_000],
    ]);
    const manifest = await manifestOf(it, tracks[0]);
    expect(manifest.durationFrames).toBe(72_000);
    expect(manifest.loudness?.integratedLufs).toBeLessThan(-5);
    const ogg = await plaintext(it, manifest);
    expect(ogg.toString('latin1', 0, 4)).toBe('OggS');
    expect(ogg.includes('OpusHead')).toBe(true);
    const key = tracks[0]?.artPath?.split('/').at(-1) ?? '';
    // JPEG where there is something to fit pictures with, else as it came.
    const mediaType = expect.stringMatching(/^image\/(jpeg|png)$/);
    expect(await it.art.art(key)).toMatchObject({ ok: true, value: { mediaType } });
  });

  it('is taken in once: a second bridge on the same data finds all of it ready', async () => {
    writeSong('01 - One.wav', 44_100);
    const first = await open();
    const before = await manifestOf(first, (await takeIn(first))[0]);
    await first.close();
    renameSync(join(music, 'Artist', 'Album', '01 - One.wav'), join(music, 'Artist', 'Album', '05 - Uno.wav'));
    const second = await open();
    await second.ingest.settled();
    const [track] = (await second.catalogue.allTracks(ALL)).items;
    expect(track).toMatchObject({ title: 'Uno', trackNumber: 5, availability: 'ready' });
    expect((await manifestOf(second, track)).files).toEqual(before.files);
    expect(before.files.map((file) => file.bitrateKbps)).toEqual([320, 160, 96, 24]);
  });

  it('names what is no music, and goes on', async () => {
    writeSong('01 - One.wav', 44_100);
    writeFileSync(join(music, 'letter.mp3'), 'Dear Sir');
    writeFileSync(join(music, 'empty.flac'), '');
    const it = await open();
    expect((await takeIn(it)).map((track) => track.title)).toEqual(['One']);
    const { found, done, failed, failures } = it.ingest.view();
    expect({ found, done, failed }).toEqual({ found: 3, done: 1, failed: 2 });
    expect(failures.map((failure) => [failure.path, failure.error.code]).sort()).toEqual([
      ['empty.flac', 'ingest.unreadable-file'],
      ['letter.mp3', 'ingest.unreadable-file'],
    ]);
  });

  it('gives the manifest of a track that waits as soon as it was asked for', async () => {
    for (const [index, name] of ['1.wav', '2.wav', '3.wav', '4.wav'].entries()) writeSong(name, 300_000, 300 + index);
    const it = await open();
    await it.ingest.begin(music);
    const fourth = await waitFor(async () => (await it.catalogue.search('4', ALL)).tracks.items[0]);
    const refusal = await it.manifests.manifestFor(fourth.id, ASKER);
    expect(refusal).toMatchObject({ ok: false, error: { code: 'content.preparing', retryable: true } });
    await waitFor(async () => ((await it.manifests.manifestFor(fourth.id, ASKER)).ok ? true : undefined));
    const ready = (await it.catalogue.allTracks(ALL)).items.filter((track) => track.availability === 'ready');
    expect(ready.length).toBeLessThan(4);
  });

  it('is left in order by a close in the middle', async () => {
    for (const name of ['1.wav', '2.wav', '3.wav']) writeSong(name, 100_000, 300 + name.charCodeAt(0));
    const first = await open();
    await first.ingest.begin(music);
    await waitFor(async () => (await first.catalogue.allTracks(ALL)).items[0]);
    await first.close();
    const second = await open();
    await second.ingest.settled();
    const { items } = await second.catalogue.allTracks(ALL);
    expect(items.map((track) => track.availability)).toEqual(['ready', 'ready', 'ready']);
  });
});

/** Asks again every few milliseconds, at most for a quarter of a minute. */
async function waitFor<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come');
}
