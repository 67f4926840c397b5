/**
 * Opus encoders: libopus as a native addon where it was built, the same compiled to WebAssembly where not.
 *
 * The addon aborts the whole process when a block's length is not a legal frame, so the length is checked here, before
 * every call. It is opened by its path, because the package that ships it would look for a folder named after this very
 * Node and C library, although the addon runs on all of them.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { PACKET_FRAMES, type PacketEncoder, type PacketEncoderFactory } from '#bridge/core/ports/packet-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Kbps } from '#protocol/vocabulary/units';

const SAMPLE_RATE = 48_000;
const CHANNELS = 2;
const BLOCK_BYTES = PACKET_FRAMES * CHANNELS * 2;
/** libopus at 48 kHz for music: 2.5 ms of overlap and 4 ms of its own delay (OPUS_GET_LOOKAHEAD). */
const LOOKAHEAD_FRAMES = 312;
/** opus_defines.h: OPUS_SET_PREDICTION_DISABLED_REQUEST. */
const CTL_PREDICTION_DISABLED = 4042;
/** OPUS_APPLICATION_AUDIO. */
const APPLICATION_AUDIO = 2049;

/** The few methods used of either library. */
interface OpusLibraryEncoder {
  encode(block: Buffer): Buffer;
  setBitrate(bitsPerSecond: number): void;
  setControl(control: number, value: number): void;
  close(): void;
}

export type EncoderKind = 'auto' | 'native' | 'wasm';

/** @throws TonearmError `decode.unavailable` when neither library can be loaded */
export function createPacketEncoders(kind: EncoderKind): PacketEncoderFactory {
  const open = (kind === 'wasm' ? null : nativeLibrary()) ?? (kind === 'native' ? null : wasmLibrary());
  if (open === null) throw new TonearmError('decode.unavailable', 'no Opus encoder: run npm install');
  return {
    create: (bitrateKbps: Kbps): PacketEncoder => {
      const library = open();
      library.setBitrate(bitrateKbps * 1000);
      return new LibraryPacketEncoder(library);
    },
  };
}

class LibraryPacketEncoder implements PacketEncoder {
  readonly lookaheadFrames = LOOKAHEAD_FRAMES;
  readonly #library: OpusLibraryEncoder;
  #isPredicting = true;

  constructor(library: OpusLibraryEncoder) {
    this.#library = library;
  }

  encode(pcm: Int16Array): Uint8Array {
    const block = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    if (block.length !== BLOCK_BYTES) throw new RangeError(`a block has ${BLOCK_BYTES} bytes, got ${block.length}`);
    return Uint8Array.from(this.#library.encode(block));
  }

  setPrediction(isOn: boolean): void {
    if (isOn === this.#isPredicting) return;
    this.#isPredicting = isOn;
    this.#library.setControl(CTL_PREDICTION_DISABLED, isOn ? 0 : 1);
  }

  close(): void {
    this.#library.close();
  }
}

const require = createRequire(import.meta.url);

interface NativeModule {
  readonly OpusEncoder: new (
    rate: number,
    channels: number,
  ) => {
    encode(block: Buffer): Buffer;
    setBitrate(bitsPerSecond: number): void;
    applyEncoderCTL(control: number, value: number): void;
  };
}

function nativeLibrary(): (() => OpusLibraryEncoder) | null {
  try {
    const path = addonPath();
    if (path === null) return null;
    const loaded: { exports: Partial<NativeModule> } = { exports: {} };
    process.dlopen(loaded, path, constants.dlopen.RTLD_NOW);
    const { OpusEncoder } = loaded.exports;
    if (OpusEncoder === undefined) return null;
    return () => {
      const encoder = new OpusEncoder(SAMPLE_RATE, CHANNELS);
      return {
        encode: (block) => encoder.encode(block),
        setBitrate: (bitsPerSecond) => encoder.setBitrate(bitsPerSecond),
        setControl: (control, value) => encoder.applyEncoderCTL(control, value),
        close: () => undefined,
      };
    };
  } catch {
    return null;
  }
}

/** `prebuild/node-v…-linux-x64-glibc-…/opus.node`, whichever is there. */
function addonPath(): string | null {
  const folder = join(dirname(require.resolve('@discordjs/opus/package.json')), 'prebuild');
  const machine = `${process.platform}-${process.arch}-`;
  const built = readdirSync(folder).find((name) => name.includes(machine));
  return built === undefined ? null : join(folder, built, 'opus.node');
}

interface WasmModule {
  new (
    rate: number,
    channels: number,
    application: number,
  ): {
    encode(block: Buffer, frames: number): Buffer;
    setBitrate(bitsPerSecond: number): void;
    encoderCTL(control: number, value: number): void;
    delete(): void;
  };
}

function wasmLibrary(): (() => OpusLibraryEncoder) | null {
  try {
    const Encoder = require('opusscript') as WasmModule;
    return () => {
      const encoder = new Encoder(SAMPLE_RATE, CHANNELS, APPLICATION_AUDIO);
      return {
        encode: (block) => encoder.encode(block, PACKET_FRAMES),
        setBitrate: (bitsPerSecond) => encoder.setBitrate(bitsPerSecond),
        setControl: (control, value) => encoder.encoderCTL(control, value),
        close: () => encoder.delete(),
      };
    };
  } catch {
    return null;
  }
}
