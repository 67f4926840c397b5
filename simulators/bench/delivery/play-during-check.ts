/**
 * What listeners notice of a check of the store: how long a manifest and a range of 64 KiB take of a real bridge that is
 * left alone, and of one that reads everything it has stored, again and again.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { Manifest } from '#protocol/wire/manifest';
import { FILE_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const RATE = 48_000;
const TRACK_SECONDS = 300;
const TRACK_SECONDS_SMOKE = 4;
const TRACKS = 3;
const LADDER_FILES = 4;
/** Of each kind; the bridge lets one address ask 100 times a second. */
const REQUESTS = 600;
const REQUESTS_SMOKE = 40;
const ASK_EVERY_MS = 15;
const RANGE_BYTES = 64 * 1024;
const INGEST_WITHIN_MS = 300_000;
const CHECK_AGAIN_MS = 20;
/** A speaker holds seconds of music; what it waits for must stay far below. */
const P99_MUST_MS = 50;

interface Times {
  readonly manifest: number[];
  readonly range: number[];
}

export async function measurePlayDuringCheck({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const house = await HouseholdProcesses.create();
  try {
    const music = join(house.folder, 'Album');
    await mkdir(music);
    for (let n = 0; n < TRACKS; n += 1) {
      const samples = fingerprintTrack(60 + n, (isSmoke ? TRACK_SECONDS_SMOKE : TRACK_SECONDS) * RATE);
      await writeFile(join(music, `${n + 1}.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
    }
    await house.startBridge({ music });
    const manifests = await completeManifests(house);
    const requests = isSmoke ? REQUESTS_SMOKE : REQUESTS;
    await askFor(house.url, manifests, requests / 4);
    const quiet = await askFor(house.url, manifests, requests);
    const checking = checkOnAndOn(house.url);
    const during = await askFor(house.url, manifests, requests);
    const checks = await checking.stop();
    say(
      `a manifest and a range, quiet and during ${checks} checks: ${[quiet, during].map(shown).join('; ')} (p99, ms)`,
    );
    const figure = (name: string, before: readonly number[], values: readonly number[]): Figure =>
      createFigure({
        ...{ key: `${name} during a check: p99`, unit: 'ms', values: [p99(values)], better: 'lower' },
        ...{ peer: { name: 'no check', values: [p99(before)] }, must: P99_MUST_MS },
      });
    return [figure('manifest', quiet.manifest, during.manifest), figure('range', quiet.range, during.range)];
  } finally {
    await house.stop();
  }
}

/** Asks for none before all are complete: a manifest is told so for a while. */
async function completeManifests(house: HouseholdProcesses): Promise<readonly Manifest[]> {
  const isDone = ({ ingest }: HouseholdSnapshot) => !ingest.isRunning && ingest.done === TRACKS;
  await house.phone().until('the album encoded', isDone, INGEST_WITHIN_MS);
  const { url } = house;
  const listed = (await (await fetch(`${url}/tonearm/v1/tracks`)).json()) as { items: readonly { id: string }[] };
  const answers = await Promise.all(listed.items.map(({ id }) => fetch(`${url}${MANIFEST_PATH}/${id}`)));
  const manifests = (await Promise.all(answers.map((answer) => answer.json()))) as readonly Partial<Manifest>[];
  const isComplete = manifests.every((manifest) => manifest.files?.length === LADDER_FILES);
  if (manifests.length === TRACKS && isComplete) return manifests as readonly Manifest[];
  throw new Error('the album has not all its qualities');
}

/** One request after the other, each kind in turn, with a rest between: what one speaker waits for. */
async function askFor(url: string, manifests: readonly Manifest[], requests: number): Promise<Times> {
  const times: Times = { manifest: [], range: [] };
  for (let n = 0; n < requests; n += 1) {
    const manifest = manifests[n % manifests.length];
    const file = manifest?.files[n % LADDER_FILES];
    if (manifest === undefined || file === undefined) throw new Error('a manifest without files');
    times.manifest.push(await timed(`${url}${MANIFEST_PATH}/${manifest.trackId}`, {}));
    const sizeBytes = file.segmentSizesBytes.reduce((sum, size) => sum + size, 0);
    const first = Math.floor((sizeBytes * (n % 17)) / 17);
    const range = `bytes=${first}-${Math.min(sizeBytes, first + RANGE_BYTES) - 1}`;
    const headers = { authorization: `Bearer ${manifest.token}`, range };
    times.range.push(await timed(`${url}${FILE_PATH}/${file.fileId}`, headers));
    await wait(ASK_EVERY_MS);
  }
  return times;
}

async function timed(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now();
  const answer = await fetch(url, { headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}`);
  return performance.now() - began;
}

/** Begins a check whenever none is running. */
function checkOnAndOn(url: string): { readonly stop: () => Promise<number> } {
  let isOver = false;
  let checks = 0;
  const running = (async () => {
    while (!isOver) {
      const answer = await fetch(`${url}/tonearm/v1/check`, { method: 'POST' });
      if (answer.status === 202) checks += 1;
      await answer.arrayBuffer();
      await wait(CHECK_AGAIN_MS);
    }
    return checks;
  })();
  return {
    stop: () => {
      isOver = true;
      return running;
    },
  };
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}

function shown({ manifest, range }: Times): string {
  return `${p99(manifest).toFixed(1)} and ${p99(range).toFixed(1)}`;
}
