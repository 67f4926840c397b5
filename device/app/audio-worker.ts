/**
 * The audio thread: composes the audio engine from real adapters and serves it to the main thread.
 */
import os from 'node:os';
import path from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCodeLater } from '#device/adapters/compiled-code/keep-compiled-code';
import { createDiskChunkArchive } from '#device/adapters/disk-archive/disk-chunk-archive';
import { createDiskManifestArchive } from '#device/adapters/disk-archive/disk-manifest-archive';
import { createFileSoundTrace } from '#device/adapters/file-playback-memory/file-sound-trace';
import { createHttpContentSource } from '#device/adapters/http-content-source/http-content-source';
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { collectHeapLater } from '#device/adapters/memory-trim/trim-memory';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import { serveAudioEngine } from '#device/adapters/worker-audio-engine/serve-audio-engine';
import type { FromAudioWorker } from '#device/adapters/worker-audio-engine/worker-messages';
import { type AudioEnginePorts, createAudioEngine } from '#device/core/audio/engine';
import { createSpeakingSink } from '#device/core/audio/speech/speaking-sink';
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { FlightEvent } from '#protocol/kit/flight-recorder';
import { createJsonLogger } from '#protocol/kit/json-logger';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';
import type { ArchivePlace, AudioWorkerData } from './audio-worker-data.ts';
import { composeSink } from './compose-sink.ts';
import { playsToStdout } from './sink-choice.ts';

/** Two folders above this file, in the source tree and in a bundle alike. */
const ROOT = path.join(import.meta.dirname, '..', '..');
/** Nice value of the audio thread: before everything ordinary, behind the kernel's own. */
const AUDIO_NICENESS = -11;
/** In the data folder. */
const SEGMENTS = 'cache';
const MANIFESTS = 'manifests';
/** Ten thousand segments are found in a tenth of this. */
const ARCHIVE_WITHIN = ms(800);

async function start(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('audio-worker.ts is started by the speaker, not by hand');
  const {
    sink,
    latencyMs,
    cacheBytes,
    archive: place,
    trace,
    logLevel,
    hasFlightRecorder,
    ...how
  } = workerData as AudioWorkerData;
  const clock = createSystemClock();
  const output = playsToStdout(sink) ? process.stderr : process.stdout;
  const logger = createJsonLogger((line) => output.write(`${line}\n`), clock, logLevel);
  hurry(logger);
  const content = createHttpContentSource(clock);
  const kept = place === null ? null : composeArchives({ clock, logger }, place);
  const [decoders] = await Promise.all([chooseDecoders(logger), kept === null ? null : isFound(clock, kept.archive)]);
  const speaking = createSpeakingSink({ clock, logger }, composeSink(clock, ROOT, sink));
  const outer = { chunks: content, manifests: content, sink: speaking };
  const recorded = hasFlightRecorder === true ? await record(outer, clock, port) : outer;
  const engine = createAudioEngine(
    {
      clock,
      random: createSystemRandom(),
      logger,
      ...recorded,
      voice: speaking,
      decoders,
      bridge: content,
      reports: content,
      store: createMemoryChunkStore(cacheBytes),
      cipher: createNodeSegmentCipher(),
      trace: createFileSoundTrace({ clock, logger }, { ...trace, root: ROOT }),
      ...kept,
    },
    { latency: latencyMs, hasDither: true, ...how },
  );
  const collecting = collectHeapLater({ clock, logger });
  const keeping = keepCompiledCodeLater(clock);
  serveAudioEngine(engine, port, async () => {
    collecting.cancel();
    keeping.cancel();
    content.close();
    await Promise.all([kept?.archive.close(), kept?.manifestArchive.close()]);
  });
}

type OuterPorts = Pick<AudioEnginePorts, 'chunks' | 'manifests' | 'sink'>;

/** Loaded only where it is asked for. */
async function record({ chunks, manifests, sink }: OuterPorts, clock: Clock, port: MessagePort): Promise<OuterPorts> {
  const { recordChunks, recordManifests, recordSink } = await import('#device/core/flight/record-audio');
  const note = (name: 'fetch' | 'sink', event: FlightEvent): void => {
    const noted: FromAudioWorker = { kind: 'noted', port: name, event };
    port.postMessage(noted);
  };
  return {
    chunks: recordChunks(chunks, clock, note),
    manifests: recordManifests(manifests, clock, note),
    sink: recordSink(sink, clock, note),
  };
}

function composeArchives(ports: { readonly clock: Clock; readonly logger: Logger }, place: ArchivePlace) {
  const { folder, limitBytes } = place;
  return {
    archive: createDiskChunkArchive(ports, { folder: path.join(folder, SEGMENTS), limitBytes }),
    manifestArchive: createDiskManifestArchive(ports, path.join(folder, MANIFESTS)),
  };
}

/** So that what is on the disk is not fetched; a disk that takes its time is not waited for. */
function isFound(clock: Clock, archive: ChunkArchive): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const limit = clock.setTimer('archive.found', ARCHIVE_WITHIN, resolve);
  void archive.ready().then(resolve);
  return promise.finally(() => limit.cancel());
}

/** On Linux priorities are per thread, so this is this thread's alone. Most users may not; then it goes without. */
function hurry(logger: Logger): void {
  try {
    os.setPriority(AUDIO_NICENESS);
  } catch (thrown) {
    logger.debug('audio-worker.no-priority', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/** The native decoder where it loads, else WebAssembly: a third slower, and the same sound. */
async function chooseDecoders(logger: Logger): Promise<PacketDecoderFactory> {
  const native = loadNativeOpusDecoder(ROOT);
  if (native.ok) {
    logger.debug('decoder.chosen', { decoder: native.value.name });
    return native.value;
  }
  logger.info('decoder.native-unavailable', { message: native.error.message });
  const wasm = await loadWasmOpusDecoder();
  if (wasm.ok) {
    logger.debug('decoder.chosen', { decoder: wasm.value.name });
    return wasm.value;
  }
  // Each track will say so; the speaker itself stays there to be asked.
  const { error } = wasm;
  return {
    name: 'none',
    create: () => {
      throw error;
    },
  };
}

// Not awaited: in a single file threads are loaded by `require`, which takes no module that waits. What it throws still ends
// the thread, and is told as its reason.
void start();
