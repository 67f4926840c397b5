/** Puts a speaker together from real adapters: the only file that makes them. What it makes it also ends, in the reverse order. */
import { join } from 'node:path';
import { readBootId } from '#device/adapters/file-playback-memory/boot-id';
import { createFilePlaybackMemory } from '#device/adapters/file-playback-memory/file-playback-memory';
import { claimDataFolder } from '#device/adapters/file-settings-store/data-folder';
import { createFileSettingsStore } from '#device/adapters/file-settings-store/file-settings-store';
import { type LanInfo, openLanDoor } from '#device/adapters/lan-door/lan-door';
import { createWorkerAudioEngine } from '#device/adapters/worker-audio-engine/worker-audio-engine';
import { createDevice, type Device } from '#device/core/device';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import type { Logger } from '#protocol/ports/logger';
import { bytes } from '#protocol/vocabulary/units';
import type { AudioWorkerData } from './audio-worker-data.ts';
import type { SpeakerConfig } from './config.ts';
import { describeSink } from './sink-choice.ts';
import { SPEAKER_VERSION } from './version.ts';

/** What people see in a list of speakers; a board's image may one day say what it runs on. */
const MODEL = 'Tonearm speaker';
/** Segments kept in memory: ten minutes at 160 kbit/s, a tenth of what the smallest board has. */
const CACHE_BYTES = bytes(12 * 1024 * 1024);
/** Beside this file, in the source tree (`.ts`) and in a bundle (`.js`) alike. */
const WORKER_PATH = join(import.meta.dirname, `audio-worker${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);

export interface Speaker {
  readonly id: string;
  readonly name: string;
  readonly output: string;
  /** Of its own page on the network. */
  readonly lanPort: number;
  /** Falls silent, says goodbye, saves, lets everything go. Twice is harmless. */
  stop(): Promise<void>;
}

/** @throws TonearmError `config.*` for what the person who started it can mend */
export async function startSpeaker(config: SpeakerConfig, logger: Logger): Promise<Speaker> {
  const ending: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let step = ending.pop(); step !== undefined; step = ending.pop()) await step();
  };
  try {
    const claim = await claimDataFolder(config.dataFolder);
    ending.push(() => claim.release());
    let device: Device | null = null;
    const door = await openLanDoor(() => lanInfo(device, config), { port: config.lanPort });
    ending.push(() => door.close());
    device = composeDevice(config, logger, { lanPort: door.port, ending });
    await device.start();
    const { id } = device.view();
    return { id: id ?? '', name: config.name, output: describeSink(config.sink), lanPort: door.port, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function composeDevice(
  config: SpeakerConfig,
  logger: Logger,
  how: { readonly lanPort: number; readonly ending: (() => Promise<void>)[] },
): Device {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const discovery = config.hasMdns ? createBonjourDiscovery(clock, logger) : null;
  if (discovery !== null) how.ending.push(() => discovery.close());
  const workerData: AudioWorkerData = {
    sink: config.sink,
    latencyMs: config.latency,
    cacheBytes: CACHE_BYTES,
    archive: config.cache === 0 ? null : { folder: config.dataFolder, limitBytes: config.cache },
    quality: config.quality,
    crossfade: config.crossfade,
    loudness: config.loudness,
    sampleBits: config.sampleBits,
    logLevel: config.logLevel,
  };
  const engine = createWorkerAudioEngine({ clock, random, logger }, { workerPath: WORKER_PATH, workerData });
  const settings = createFileSettingsStore(config.dataFolder, logger);
  const memory = createFilePlaybackMemory({ clock, logger }, { folder: config.dataFolder, bootId: readBootId() });
  const ports = { clock, random, logger, dialer: createWsDialer(), discovery, engine, settings, memory };
  const device = createDevice(ports, {
    name: config.name,
    model: MODEL,
    version: SPEAKER_VERSION,
    bridgeAddress: config.bridgeAddress,
    lanPort: how.lanPort,
    output: describeSink(config.sink),
  });
  how.ending.push(() => device.stop());
  return device;
}

function lanInfo(device: Device | null, config: SpeakerConfig): LanInfo {
  const view = device?.view();
  const connection = view?.connection;
  return {
    id: view?.id ?? null,
    name: view?.announcedName ?? config.name,
    model: MODEL,
    version: SPEAKER_VERSION,
    bridge: connection?.kind === 'connected' ? connection.address : null,
    output: view?.speaker.output ?? describeSink(config.sink),
  };
}
