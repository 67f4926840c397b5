/** The audio thread as a speaker starts it, with music from a real HTTP door and a file for a loudspeaker. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

const DURATION = 4 * 48_000;
/** The test's machine may be busy with other tests; a speaker's is not. */
const LATENCY = ms(800);
const WAIT_MS = 15_000;
const FRAME_BYTES = 4;
const HEADER_BYTES = 44;

const track = storeTrack({
  trackId: trackIdOf(1),
  packets: encodeSine(440, DURATION),
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

  it('plays a track to its end, with the main thread standing still for a second', async () => {
    const file = path.join(folder, 'heard.wav');
    const workerData: AudioWorkerData = {
      sink: { kind: 'file', path: file },
      latencyMs: LATENCY,
      cacheBytes: bytes(1_000_000),
      archive: { folder, limitBytes: bytes(1_000_000) },
      quality: QUALITY_DEFAULT,
      crossfade: ms(0),
      loudness: 'track',
      sampleBits: 16,
      logLevel: 'error',
    };
    const events: EngineEvent[] = [];
    const engine = createWorkerAudioEngine(
      { clock: createSystemClock(), random: new SeededRandom(1), logger: silentLogger },
      { workerPath: path.join(import.meta.dirname, 'audio-worker.ts'), workerData },
    );
    const until = async (kind: EngineEvent['kind']): Promise<void> => {
      const deadline = Date.now() + WAIT_MS;
      while (!events.some((event) => event.kind === kind) && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    engine.listen((event) => events.push(event));
    engine.send({ kind: 'setBridge', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    engine.send({ kind: 'setVolume', volume: percent(100) });
    engine.send({ kind: 'load', generation: 1, trackId: trackIdOf(1), startFrames: frames(0), isPlaying: true });
    await until('position');
    // All four seconds are fetched by now or within the next moment.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stalledUntil = Date.now() + 1_000;
    while (Date.now() < stalledUntil);
    await until('ended');
    await engine.close();
    expect(events.filter((event) => event.kind === 'starved' || event.kind === 'failed')).toEqual([]);
    const wav = readFileSync(file);
    expect((wav.length - HEADER_BYTES) / FRAME_BYTES).toBe(DURATION);
    const health = events.filter((event) => event.kind === 'health').at(-1);
    expect(health?.underruns).toBe(0);
  }, 30_000);
});
