/** The audio thread as a speaker starts it, with music from a real HTTP door and a file for a loudspeaker. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerAudioEngine } from '#device/adapters/worker-audio-engine/worker-audio-engine';
import { QUALITY_DEFAULT } from '#device/core/audio/manifest/choose-file';
import type { EngineEvent } from '#device/core/ports/audio-engine';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { bytes, frames, ms, percent } from '#protocol/vocabulary/units';
import { storeTrack, trackIdOf } from '#sim/speakers/ogg-segments';
import { encodeSine, OPUS_PRE_SKIP_FRAMES } from '#sim/speakers/opus-track';
import { SeededRandom } from '#sim/world/seeded-random';
import type { AudioWorkerData } from './audio-worker-data.ts';

const RATE_HZ = 48_000;
const TONE_HZ = 440;
const DURATION = 14 * RATE_HZ;
const STALLS = 10;
const STALL_MS = 1_000;
/** All of it, some seconds having been played. */
const FETCHED_MS = 10_000;
const GARBAGE_OBJECTS = 200_000;
/** The encoder's error is 7; a single frame left out is 27 where the sine turns, and hundreds elsewhere. */
const BREAK_MAX = 20;
/** Where the encoder swings in and out. */
const EDGE_FRAMES = RATE_HZ / 10;
/** The test's machine may be busy with other tests; a speaker's is not. */
const LATENCY = ms(800);
/** Heard after the second start. */
const LAST_FRAMES = 2 * 48_000;
const FRAME_BYTES = 4;
const HEADER_BYTES = 44;

const track = storeTrack({
  trackId: trackIdOf(1),
  packets: encodeSine(TONE_HZ, DURATION),
  durationFrames: DURATION,
  preSkipFrames: OPUS_PRE_SKIP_FRAMES,
});

function openDoor(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.includes('/manifests/') === true) {
      response.end(JSON.stringify(track.manifest));
      return;
    }
    const [, from = '0', to = '0'] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const data = track.stored.subarray(Number(from), Number(to) + 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${track.stored.length}` }).end(data);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('the audio thread', () => {
  let folder: string;
  let server: Server;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tonearm-audio-'));
    server = await openDoor();
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the thread and plays the track; `until` resolves at an event for which `is` holds, also one of the past. */
  const play = (file: string, port = (server.address() as AddressInfo).port, startFrames = frames(0)) => {
    const workerData: AudioWorkerData = {
      sink: { kind: 'file', path: file },
      latencyMs: LATENCY,
      cacheBytes: bytes(1_000_000),
      archive: { folder, limitBytes: bytes(1_000_000) },
      trace: { path: path.join(folder, 'trace'), bootId: null },
      quality: QUALITY_DEFAULT,
      crossfade: ms(0),
      loudness: 'track',
      sampleBits: 16,
      logLevel: 'error',
    };
    const events: EngineEvent[] = [];
    const watchers = new Set<() => void>();
    const engine = createWorkerAudioEngine(
      { clock: createSystemClock(), random: new SeededRandom(1), logger: silentLogger },
      { workerPath: path.join(import.meta.dirname, 'audio-worker.ts'), workerData },
    );
    const until = (is: (event: EngineEvent) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = () => {
          if (!events.some(is)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    engine.listen((event) => {
      events.push(event);
      for (const look of [...watchers]) look();
    });
    engine.send({ kind: 'setBridge', url: `http://127.0.0.1:${port}` });
    engine.send({ kind: 'setVolume', volume: percent(100) });
    engine.send({ kind: 'load', generation: 1, trackId: trackIdOf(1), startFrames, isPlaying: true });
    return { engine, events, until };
  };

  it('plays a track to its end while the main thread stands still again and again, and collects all its garbage', {
    timeout: 60_000,
  }, async () => {
    const file = path.join(folder, 'heard.wav');
    const { engine, events, until } = play(file);
    // The door is on this thread too, so that nothing may have to be fetched from now on.
    await until((event) => event.kind === 'health' && event.bufferedMs > FETCHED_MS);
    for (let stall = 0; stall < STALLS; stall += 1) {
      standStill();
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until((event) => event.kind === 'ended');
    await engine.close();
    expect(events.filter((event) => event.kind === 'starved' || event.kind === 'failed')).toEqual([]);
    const wav = readFileSync(file);
    expect((wav.length - HEADER_BYTES) / FRAME_BYTES).toBe(DURATION);
    const health = events.filter((event) => event.kind === 'health').at(-1);
    expect(health?.underruns).toBe(0);
    expect(largestBreak(wav)).toBeLessThan(BREAK_MAX);
  });

  it('plays from the disk, started again while nobody is there to be asked', { timeout: 60_000 }, async () => {
    const before = play(path.join(folder, 'before.wav'));
    await before.until((event) => event.kind === 'health' && event.bufferedMs > FETCHED_MS);
    await before.engine.close();
    const { port } = server.address() as AddressInfo;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const file = path.join(folder, 'after.wav');
    const after = play(file, port, frames(DURATION - LAST_FRAMES));
    await after.until((event) => event.kind === 'ended');
    await after.engine.close();
    expect(after.events.filter((event) => event.kind === 'starved' || event.kind === 'failed')).toEqual([]);
    const delivery = after.events.filter((event) => event.kind === 'health').at(-1)?.delivery;
    expect(delivery?.fetchedBytes).toBe(0);
    expect(delivery?.archivedBytes).toBe(track.stored.length);
    expect((readFileSync(file).length - HEADER_BYTES) / FRAME_BYTES).toBe(LAST_FRAMES);
  });
});

/** Blocks this thread and no other, and burns no processor time that the other would miss. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

/** A full collection of a heap that has something to be collected. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const garbage = Array.from({ length: GARBAGE_OBJECTS }, (_, index) => ({ index, text: `${index}` }));
  expect(garbage).toHaveLength(GARBAGE_OBJECTS);
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no gc()');
  collect();
}

/** How far any sample is from where the sine's two samples before it lead; a frame left out or repeated is far. */
function largestBreak(wav: Buffer): number {
  const turn = 2 * Math.cos((2 * Math.PI * TONE_HZ) / RATE_HZ);
  const sample = (frame: number) => wav.readInt16LE(HEADER_BYTES + frame * FRAME_BYTES);
  let largest = 0;
  for (let frame = EDGE_FRAMES; frame < DURATION - EDGE_FRAMES; frame += 1) {
    const expected = turn * sample(frame - 1) - sample(frame - 2);
    largest = Math.max(largest, Math.abs(sample(frame) - expected));
  }
  return largest;
}
