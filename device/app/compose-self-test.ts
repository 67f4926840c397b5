/**
 * `--self-test`: whether this build works on this machine, before anybody depends on it. Loads what is loaded from files,
 * decodes a packet, plays through a sink that nobody hears, starts an audio thread, and says what it found as one line of
 * JSON. It needs no data folder and no network, so that an update can be tried beside the speaker that runs.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import { createVirtualSink } from '#device/adapters/virtual-sink/virtual-sink';
import { createWorkerAudioEngine } from '#device/adapters/worker-audio-engine/worker-audio-engine';
import { QUALITY_DEFAULT } from '#device/core/audio/manifest/choose-file';
import { testSound } from '#device/core/audio/playout/sound-test';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { createJsonLogger } from '#protocol/kit/json-logger';
import type { Clock } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { bytes, FRAMES_PER_SECOND, hz, ms } from '#protocol/vocabulary/units';
import type { AudioWorkerData } from './audio-worker-data.ts';
import { WORKER_PATH } from './audio-worker-path.ts';
import { SPEAKER_VERSION } from './version.ts';

/** Two folders above this file, in the source tree and in a bundle alike. */
const ROOT = join(import.meta.dirname, '..', '..');
/** What a speaker loads by path besides the decoder. */
const ADDONS = ['alsa', 'pulse', 'mapped-file', 'memory-trim', 'network-watch', 'sd-notify'] as const;
/** 20 ms of A4 in stereo, as libopus encodes it at 32 kbit/s. */
const PACKET =
  'fIgCcOIqNducYCX/jMX+2SPdVTanvPhYrmfgSnVPswwDzM4uOcVV8CBEYfm7m5mR7ZaLdivPDFK1xRcCAKGmOTgW3SLYzbEdSwfugAU=';
const PACKET_FRAMES = 960;
/** Loudest sample of it that is too soft to be it: a decoder without history gives no less than a tenth of full scale. */
const PEAK_MIN = 0.02;
/** The longest packet that a decoder must have room for, in stereo. */
const ROOM_SAMPLES = 5_760 * 2;
/** Emulated on a busy machine; whoever tries an update gives the whole test a minute. */
const THREAD_WITHIN = ms(45_000);

interface Finding {
  readonly name: string;
  /** In words; null when it works. */
  readonly problem: string | null;
}

/** What is printed, as one line of JSON. */
export interface SelfTestLine {
  readonly event: 'speaker.self-test';
  readonly isWorking: boolean;
  readonly version: string;
  readonly node: string;
  readonly arch: string;
  readonly checks: readonly Finding[];
}

/** @param versions of Node and its parts @param root where addons are looked for; another one in a test */
export async function runSelfTest(
  own: { readonly versions: NodeJS.ProcessVersions; readonly arch: string },
  root = ROOT,
): Promise<SelfTestLine> {
  const clock = createSystemClock();
  const checks: Finding[] = ADDONS.map((name) => tryAddon(root, name));
  checks.push(tryDecoder('opus', loadNativeOpusDecoder(root)));
  checks.push(tryDecoder('opus-wasm', await loadWasmOpusDecoder()));
  checks.push(await trySound(clock), await tryThread(clock));
  return {
    event: 'speaker.self-test',
    isWorking: checks.every(({ problem }) => problem === null),
    version: SPEAKER_VERSION,
    node: own.versions.node,
    arch: own.arch,
    checks,
  };
}

function tryAddon(root: string, name: string): Finding {
  try {
    loadNativeAddon(addonPath(root, name));
    return { name, problem: null };
  } catch (thrown) {
    return { name, problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function tryDecoder(name: string, loaded: Result<PacketDecoderFactory, TonearmError>): Finding {
  if (!loaded.ok) return { name, problem: loaded.error.message };
  const decoder = loaded.value.create();
  const out = new Float32Array(ROOM_SAMPLES);
  const decoded = decoder.decode(Buffer.from(PACKET, 'base64'), out);
  decoder.close();
  if (!decoded.ok) return { name, problem: decoded.error.message };
  const peak = out.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  const isRight = decoded.value === PACKET_FRAMES && peak > PEAK_MIN && peak <= 1;
  return { name, problem: isRight ? null : `a packet became ${decoded.value} frames, the loudest ${peak.toFixed(3)}` };
}

async function trySound(clock: Clock): Promise<Finding> {
  const request = { rate: hz(FRAMES_PER_SECOND), channels: 2, latency: ms(100), sampleBits: 16 } as const;
  const { verdict, speed } = await testSound(clock, createVirtualSink(clock), request);
  // That it moves at all: nobody hears this sink, and how fast it is says only how busy the machine is.
  const isRight = verdict !== 'does-not-open' && verdict !== 'lost' && speed !== null && speed > 0;
  return { name: 'sound', problem: isRight ? null : `${verdict}, at ${speed ?? 'no'} speed` };
}

/** It loads the decoder and the whole audio plane, from inside a single file too. */
async function tryThread(clock: Clock): Promise<Finding> {
  let reason = 'it does not answer';
  const logger = createJsonLogger(
    (line) => {
      reason = line;
    },
    clock,
    'error',
  );
  const engine = createWorkerAudioEngine(
    { clock, random: createSystemRandom(), logger },
    { workerPath: WORKER_PATH, workerData: threadData() },
  );
  const late = Promise.withResolvers<boolean>();
  const limit = clock.setTimer('self-test.thread', THREAD_WITHIN, () => late.resolve(false));
  const isAlive = await Promise.race([engine.isAlive(), late.promise]);
  limit.cancel();
  await engine.close();
  return { name: 'audio-thread', problem: isAlive ? null : reason };
}

function threadData(): AudioWorkerData {
  return {
    sink: { kind: 'virtual' },
    latencyMs: ms(100),
    cacheBytes: bytes(1024 * 1024),
    archive: null,
    // Written when something is heard, which nothing is.
    trace: { path: join(tmpdir(), 'tonearm-self-test'), bootId: null },
    quality: QUALITY_DEFAULT,
    crossfade: ms(0),
    loudness: 'off',
    sampleBits: 16,
    logLevel: 'error',
  };
}
