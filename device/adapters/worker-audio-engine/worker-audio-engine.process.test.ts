import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '#device/core/ports/audio-engine';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { frames, percent } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { SeededRandom } from '#sim/world/seeded-random';
import { createWorkerAudioEngine } from './worker-audio-engine.ts';

/** An engine's worker reduced to its manners: answers a load with `ready` and a position, and dies of the volume 13. */
const WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
const tell = (event) => parentPort.postMessage({ kind: 'event', event });
parentPort.on('message', (message) => {
  if (message.kind === 'close') {
    if (!workerData.hangs) { parentPort.postMessage({ kind: 'closed' }); parentPort.close(); }
    return;
  }
  if (message.kind === 'areYouAlive') {
    if (!workerData.hangs) parentPort.postMessage({ kind: 'alive' });
    return;
  }
  const { intent } = message;
  if (intent.kind === 'setVolume' && intent.volume === 13) throw new Error('thirteen');
  if (intent.kind !== 'load') return;
  const { generation, trackId, startFrames } = intent;
  tell({ kind: 'ready', generation, trackId, durationFrames: 9000 });
  tell({ kind: 'position', generation, trackId, positionFrames: startFrames + 100, atUs: 0, isSounding: true });
});
`;
const WAIT_MS = 5_000;

describe('the audio engine in a worker', () => {
  let folder: string;
  let workerPath: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tonearm-worker-'));
    workerPath = path.join(folder, 'worker.mjs');
    writeFileSync(workerPath, WORKER);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (workerData: object = {}) => {
    const events: EngineEvent[] = [];
    const ports = { clock: createSystemClock(), random: new SeededRandom(1), logger: silentLogger };
    const engine = createWorkerAudioEngine(ports, { workerPath, workerData });
    engine.listen((event) => events.push(event));
    const until = async (condition: () => boolean): Promise<void> => {
      const deadline = Date.now() + WAIT_MS;
      while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    return { engine, events, until };
  };

  const load = { kind: 'load', generation: 1, trackId: trackIdOf(1), startFrames: frames(0), isPlaying: true } as const;

  it('is started again when it dies, says so, and goes on from the last position heard', async () => {
    const { engine, events, until } = start();
    const positions = () => events.filter((event) => event.kind === 'position');
    engine.send(load);
    await until(() => positions().length === 1);
    engine.send({ kind: 'setVolume', volume: percent(13) });
    await until(() => events.some((event) => event.kind === 'health'));
    // What it died of is not told to the next one as long as something else is said meanwhile.
    engine.send({ kind: 'setVolume', volume: percent(12) });
    await until(() => positions().length === 2);
    expect(positions().map((event) => event.positionFrames)).toEqual([100, 200]);
    const health = events.find((event) => event.kind === 'health');
    expect(health?.outputProblem).toMatchObject({ code: 'sink.lost' });
    expect(health?.outputProblem?.message).toMatch(/thirteen/);
    expect(events.filter((event) => event.kind === 'ready')).toHaveLength(1);
    await engine.close();
  });

  it('says whether its thread is alive: when it answers, and when it is gone', async () => {
    const { engine } = start();
    expect(await Promise.all([engine.isAlive(), engine.isAlive()])).toEqual([true, true]);
    engine.send({ kind: 'setVolume', volume: percent(13) });
    const whileItDies = engine.isAlive();
    expect(await whileItDies).toBe(false);
    expect(await engine.isAlive()).toBe(false);
    await engine.close();
    expect(await engine.isAlive()).toBe(false);
  });

  it('does not say that a thread is alive which does not answer', async () => {
    const { engine } = start({ hangs: true });
    const asked = engine.isAlive();
    const first = await Promise.race([asked, new Promise((resolve) => setTimeout(() => resolve('nothing'), 300))]);
    expect(first).toBe('nothing');
    const closed = engine.close();
    expect(await asked).toBe(false);
    await closed;
  });

  it('ends with its thread, and tells nothing after that', async () => {
    const { engine, events } = start();
    engine.send(load);
    await engine.close();
    await engine.close();
    const count = events.length;
    engine.send(load);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toHaveLength(count);
  });

  it('ends a thread that does not end by itself', async () => {
    const { engine, events, until } = start({ hangs: true });
    engine.send(load);
    await until(() => events.length > 0);
    const from = Date.now();
    await engine.close();
    expect(Date.now() - from).toBeGreaterThan(1_500);
  });
});
