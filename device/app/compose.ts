/**
 * Puts a speaker together from real adapters, this file and `compose-control.ts` alone. What it makes it also ends, in
 * the reverse order.
 *
 * The audio thread is begun before the control side is even loaded: a speaker that was killed in mid-track is heard again
 * that much sooner. So this file imports little.
 */
import { join } from 'node:path';
import { keepCompiledCodeLater } from '#device/adapters/compiled-code/keep-compiled-code';
import { finishReset } from '#device/adapters/factory-reset/factory-reset';
import { readBootId } from '#device/adapters/file-playback-memory/boot-id';
import { type RuntimeEnvironment, tracePathFor } from '#device/adapters/file-playback-memory/trace-path';
import { claimDataFolder } from '#device/adapters/file-settings-store/data-folder';
import { collectHeapLater, giveBackFreed } from '#device/adapters/memory-trim/trim-memory';
import { createSdNotify, type NotifyProcess } from '#device/adapters/sd-notify/sd-notify';
import { createWorkerAudioEngine, type WorkerEngine } from '#device/adapters/worker-audio-engine/worker-audio-engine';
import { createWatchdog } from '#device/core/control/watchdog';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { bytes } from '#protocol/vocabulary/units';
import type { AudioWorkerData } from './audio-worker-data.ts';
import { WORKER_PATH } from './audio-worker-path.ts';
import type { ComposedFlight } from './compose-flight.ts';
import type { UpdateEnvironment } from './compose-updates.ts';
import type { SpeakerConfig } from './config.ts';
import { describeSink } from './sink-choice.ts';

/** Two folders above this file, in the source tree and in a bundle alike. */
const ROOT = join(import.meta.dirname, '..', '..');
/** Segments kept in memory: four minutes at 160 kbit/s before a disk that keeps the rest, ten where there is none. */
const CACHE_BYTES = { beforeDisk: bytes(5 * 1024 * 1024), alone: bytes(12 * 1024 * 1024) } as const;

export interface Speaker {
  readonly id: string;
  readonly name: string;
  readonly output: string;
  /** Of its own page on the network. */
  readonly lanPort: number;
  /** Writes what the flight recorder holds; null: there is none. */
  readonly recordFlight: ((reason: string) => void) | null;
  /** Falls silent, says goodbye, saves, lets everything go. Twice is harmless. */
  stop(): Promise<void>;
}

/** What it is told of the process that it is. */
export interface OwnProcess extends NotifyProcess {
  readonly env: NotifyProcess['env'] & RuntimeEnvironment & UpdateEnvironment;
  /** Ends it as a signal does. */
  readonly end: () => void;
  /** Kills a group of processes, by its leader's id. */
  readonly endGroup: (pid: number) => void;
}

/** @throws TonearmError `config.*` for what the person who started it can mend */
export async function startSpeaker(config: SpeakerConfig, logger: Logger, own: OwnProcess): Promise<Speaker> {
  const ending: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let step = ending.pop(); step !== undefined; step = ending.pop()) await step();
  };
  try {
    const claim = await claimDataFolder(config.dataFolder);
    ending.push(() => claim.release());
    const ports = { clock: createSystemClock(), random: createSystemRandom(), logger };
    const trace = { path: tracePathFor(config.dataFolder, own.env), bootId: readBootId() };
    if (finishReset({ folder: config.dataFolder, tracePath: trace.path })) logger.warn('speaker.reset-finished');
    const flight = config.hasFlightRecorder ? (await import('./compose-flight.ts')).composeFlight(config, ports) : null;
    const engine = composeEngine(config, { ...ports, flight }, trace);
    // Closed by the device too, which may not come to be.
    ending.push(() => engine.close());
    const { startControl } = await import('./compose-control.ts');
    const { id, lanPort } = await startControl(
      config,
      { ...ports, engine, trace, flight, end: own.end, endGroup: own.endGroup, env: own.env, root: ROOT },
      ending,
    );
    const manager = createSdNotify(logger, ROOT, own);
    const watchdog = createWatchdog({ clock: ports.clock, manager, isAudioAlive: () => engine.isAlive() });
    watchdog.start();
    const [collecting, givingBack] = [collectHeapLater(ports), giveBackFreed(ports, ROOT)];
    const keeping = keepCompiledCodeLater(ports.clock);
    ending.push(async () => {
      collecting.cancel();
      keeping.cancel();
      givingBack.stop();
    });
    ending.push(async () => watchdog.stop());
    const recordFlight = flight?.write ?? null;
    return { id, name: config.name, output: describeSink(config.sink), lanPort, recordFlight, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function composeEngine(
  config: SpeakerConfig,
  ports: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly flight: ComposedFlight | null;
  },
  trace: AudioWorkerData['trace'],
): WorkerEngine {
  const workerData: AudioWorkerData = {
    sink: config.sink,
    latencyMs: config.latency,
    cacheBytes: config.cache === 0 ? CACHE_BYTES.alone : CACHE_BYTES.beforeDisk,
    archive: config.cache === 0 ? null : { folder: config.dataFolder, limitBytes: config.cache },
    trace,
    quality: config.quality,
    crossfade: config.crossfade,
    loudness: config.loudness,
    sampleBits: config.sampleBits,
    logLevel: config.logLevel,
    hasFlightRecorder: ports.flight !== null,
  };
  const noted = ports.flight === null ? {} : { noted: ports.flight.noted };
  return createWorkerAudioEngine(ports, { workerPath: WORKER_PATH, workerData, ...noted });
}
