/**
 * Every fault of an edge with real sockets: a real bridge, a real edge, a fault proxy before it, and the real engine with
 * its HTTP source and codec in real time. Each plays the same track past its own faulty edge, and must sound, sample for
 * sample, as the one that plays it from the bridge.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpContentSource } from '#device/adapters/http-content-source/http-content-source';
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import { createAudioEngine } from '#device/core/audio/engine';
import type { EngineEvent } from '#device/core/ports/audio-engine';
import type { ManifestSource } from '#device/core/ports/chunk-source';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { bytes, FRAMES_PER_SECOND, frames, ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { MANIFEST_PATH } from '#protocol/wire/versions';
import { EdgeProcess } from '#sim/edge/edge-process';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { FaultProxy, type ProxyFault } from '#sim/network/fault-proxy';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { RecordingSink } from '#sim/speakers/recording-sink';
import { SeededRandom } from '#sim/world/seeded-random';

const SECONDS = 12;
const QUALITY_KBPS = 160;
const LATENCY = ms(200);
const INGEST_WITHIN_MS = 60_000;
/** Real time, a time-out of 5 s at the worst, and a loaded machine. */
const PLAYED_WITHIN_MS = 45_000;
/** A fade in at the start; after it the sound is compared. */
const FADE_FRAMES = 480;
/** Whose first second comes and the rest late may dip once: a fade down, a fade up, on two channels. */
const DIP_SAMPLES = 4 * FADE_FRAMES;

const FAULTS: Readonly<Record<string, (number: number) => ProxyFault>> = {
  'is slow to answer': () => ({ kind: 'delays', byMs: 400 }),
  'is a narrow link': () => ({ kind: 'throttles', bytesPerSecond: 60_000 }),
  'refuses connections': () => ({ kind: 'refuses' }),
  'resets in mid-answer': (number) => ({ kind: 'resets', afterBytes: 7_000 + 13_337 * number }),
  'never answers': () => ({ kind: 'stalls', afterShare: 0 }),
  'stalls at 90 %': () => ({ kind: 'stalls', afterShare: 0.9 }),
  'sends a byte a second': () => ({ kind: 'dribbles' }),
  'flips a bit': () => ({ kind: 'flips' }),
  'gives what stands elsewhere': () => ({ kind: 'swaps' }),
  'gives what is of another file': () => ({ kind: 'sends another' }),
  'ends after half': () => ({ kind: 'truncates' }),
  'says 200 for 206': () => ({ kind: 'says 200 for 206' }),
  'says another range': () => ({ kind: 'says another range' }),
  'is a captive portal': () => ({ kind: 'is a portal' }),
  'says 530': () => ({ kind: 'says', status: 530 }),
  'says 401': () => ({ kind: 'says', status: 401 }),
  'says 403': () => ({ kind: 'says', status: 403 }),
  'says 429 and when': () => ({ kind: 'says', status: 429, retryAfterSeconds: 3 }),
  'says 503 and when': () => ({ kind: 'says', status: 503, retryAfterSeconds: 3 }),
  'says 503': () => ({ kind: 'says', status: 503 }),
};

interface Played {
  readonly samples: Int16Array;
  readonly events: readonly EngineEvent[];
  readonly proxy: FaultProxy | null;
}

describe('an edge with real sockets', { timeout: 60_000 }, () => {
  let house: HouseholdProcesses;
  let edge: EdgeProcess;
  let track: TrackId;
  let reference: Played;
  let played: ReadonlyMap<string, Played>;

  beforeAll(async () => {
    house = await HouseholdProcesses.create();
    const music = join(house.folder, 'music');
    await mkdir(music);
    const samples = fingerprintTrack(11, SECONDS * FRAMES_PER_SECOND);
    await writeFile(join(music, 'Noise.wav'), encodeWav({ left: samples, right: samples, rate: FRAMES_PER_SECOND }));
    await house.startBridge({ music });
    await house.phone().until('ingested', ({ ingest }) => !ingest.isRunning && ingest.done === 1, INGEST_WITHIN_MS);
    const found = await fetch(`${house.url}/v1/search?q=noise&type=track`);
    const { tracks } = (await found.json()) as { tracks: { items: readonly { id: string }[] } };
    track = trackId(tracks.items[0]?.id ?? '');
    await untilAllQualities();
    edge = await EdgeProcess.start({ origin: house.url, cacheFolder: join(house.folder, 'edge-cache') });
    // All at once: together they take as long as one, and little of the machine.
    const names = Object.keys(FAULTS);
    const [whole, ...others] = await Promise.all([play(null), ...names.map((name) => play(FAULTS[name] ?? null))]);
    reference = whole;
    played = new Map(others.map((it, place) => [names[place] ?? '', it]));
  }, 180_000);

  afterAll(async () => {
    for (const { proxy } of played?.values() ?? []) await proxy?.stop();
    await edge?.stop();
    await house?.stop();
  });

  /** The first quality is there before the others; what is compared must be the same one. */
  async function untilAllQualities(): Promise<void> {
    const giveUpAt = performance.now() + INGEST_WITHIN_MS;
    for (;;) {
      const answer = await fetch(`${house.url}${MANIFEST_PATH}/${track}`);
      const { files } = (await answer.json()) as Pick<Manifest, 'files'>;
      if (files.some(({ bitrateKbps }) => bitrateKbps === QUALITY_KBPS) || performance.now() > giveUpAt) return;
      await sleep(200);
    }
  }

  /** @param fault of the first edge; the second is well. Null: from the bridge itself */
  async function play(fault: ((number: number) => ProxyFault) | null): Promise<Played> {
    const clock = createSystemClock();
    // Each its own, as speakers have: what is kept ready is enough for one.
    const decoders = await loadWasmOpusDecoder();
    if (!decoders.ok) throw decoders.error;
    const proxy = fault === null ? null : await FaultProxy.start(edge.url);
    if (proxy !== null && fault !== null) proxy.fault = fault;
    const source = createHttpContentSource(clock);
    const sink = new RecordingSink(clock);
    const edges = proxy === null ? [] : [{ url: proxy.url }, { url: edge.url }];
    const manifests: ManifestSource = { fetchManifest: (id) => onlyOneFile(source, id, edges) };
    const engine = createAudioEngine(
      {
        clock,
        random: new SeededRandom(1),
        logger: silentLogger,
        sink,
        decoders: decoders.value,
        chunks: source,
        manifests,
        bridge: source,
        reports: source,
        store: createMemoryChunkStore(bytes(8 * 1024 * 1024)),
        cipher: createNodeSegmentCipher(),
      },
      { latency: LATENCY, hasDither: false },
    );
    const events: EngineEvent[] = [];
    const over = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PLAYED_WITHIN_MS);
      engine.listen((event) => {
        events.push(event);
        if (event.kind !== 'ended' && event.kind !== 'failed') return;
        clearTimeout(timer);
        resolve();
      });
    });
    engine.send({ kind: 'setBridge', url: house.url });
    engine.send({ kind: 'load', generation: 1, trackId: track, startFrames: frames(0), isPlaying: true });
    await over;
    await engine.close();
    source.close();
    return { samples: sink.recording().slice(), events, proxy };
  }

  it('plays all of it from the bridge', () => {
    expect(reference.events.at(-1)?.kind).not.toBe('failed');
    expect(reference.samples.length).toBe(2 * SECONDS * FRAMES_PER_SECOND);
  });

  it.each(Object.keys(FAULTS))('that %s: nothing of it is heard', (name) => {
    const { samples, events, proxy } = played.get(name) ?? reference;
    expect(proxy?.asked.length, 'it was asked').toBeGreaterThan(0);
    expect(
      events.filter(({ kind }) => kind === 'failed' || kind === 'starved'),
      'events',
    ).toEqual([]);
    expect(samples.length, 'samples').toBe(reference.samples.length);
    const from = 2 * FADE_FRAMES;
    let differing = 0;
    for (let place = from; place < samples.length; place += 1) {
      if (samples[place] !== reference.samples[place]) differing += 1;
    }
    expect(differing, 'samples that differ').toBeLessThanOrEqual(name === 'stalls at 90 %' ? DIP_SAMPLES : 0);
  });

  it('that asked for patience was given it', () => {
    for (const name of ['says 429 and when', 'says 503 and when']) {
      const times = played.get(name)?.proxy?.asked.map(({ atMs }) => atMs) ?? [];
      // Two requests are under way at a time.
      const early = times.filter((atMs) => atMs > (times[0] ?? 0) + 1_000 && atMs < (times[0] ?? 0) + 2_900);
      expect(early, name).toEqual([]);
    }
  });

  it('that resets is not asked again for what had come', () => {
    const sent = played.get('resets in mid-answer')?.proxy?.asked ?? [];
    const starts = sent.map(({ range }) => range).filter((range) => range !== undefined);
    expect(new Set(starts).size, 'each question begins elsewhere').toBe(starts.length);
  });
});

/** One quality, so that what is heard is the same whatever the link; and edges of the test's choice. */
function onlyOneFile(
  source: ManifestSource,
  id: TrackId,
  edges: readonly { url: string }[],
): ReturnType<ManifestSource['fetchManifest']> {
  const pending = source.fetchManifest(id);
  const outcome = pending.outcome.then((answer) => {
    if (!answer.ok) return answer;
    const files = answer.value.files.filter(({ bitrateKbps }) => bitrateKbps === QUALITY_KBPS);
    return ok({ ...answer.value, edges: [...edges], files });
  });
  return { outcome, cancel: pending.cancel };
}
