/**
 * libopus by way of @discordjs/opus, loaded by path.
 *
 * Its own loader names the folder with Node's ABI and the libc of the machine it was built on, so a build that would load
 * is not found elsewhere (and it drags a package manager along). The binding speaks N-API: one file serves every Node. It
 * decodes to 16 bits, and lengths are guarded here, since some of them end the whole process.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

const CHANNELS = 2;
const FULL_SCALE = 32_768;
const FRAME_BYTES = 4;
/** RFC 7845 section 6. */
const PACKET_BYTES_MAX = 61_440;

interface NativeCodec {
  decode(packet: Buffer): Buffer;
}

interface NativeModule {
  readonly OpusEncoder: new (rate: number, channels: number) => NativeCodec;
}

/**
 * @param root folder that holds `.build` and `node_modules`
 * @returns `decode.unavailable` with the reason when the addon is not there or does not load
 */
export function loadNativeOpusDecoder(root: string): Result<PacketDecoderFactory, TonearmError> {
  const file = findAddon(root);
  if (file === null) return unavailable(`no opus.node for ${process.platform}-${process.arch} is installed`);
  let exports: Partial<NativeModule>;
  try {
    exports = loadNativeAddon<NativeModule>(file);
  } catch (thrown) {
    return unavailable(`${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  const { OpusEncoder } = exports;
  if (OpusEncoder === undefined) return unavailable(`${file} is not the addon it should be`);
  return ok({
    name: 'libopus (native)',
    create: () => new NativeDecoder(new OpusEncoder(FRAMES_PER_SECOND, CHANNELS)),
  });
}

function findAddon(root: string): string | null {
  const ours = addonPath(root, 'opus');
  if (existsSync(ours)) return ours;
  const prebuilds = path.join(root, 'node_modules', '@discordjs', 'opus', 'prebuild');
  if (!existsSync(prebuilds)) return null;
  const fitting = readdirSync(prebuilds).filter((name) => name.includes(`-${process.platform}-${process.arch}-`));
  const files = fitting.map((name) => path.join(prebuilds, name, 'opus.node'));
  return files.find((file) => existsSync(file)) ?? null;
}

function unavailable(reason: string): Result<never, TonearmError> {
  return refused(new TonearmError('decode.unavailable', `native Opus decoder: ${reason}`));
}

class NativeDecoder implements PacketDecoder {
  /** Null when closed; the binding frees its state with the object. */
  #codec: NativeCodec | null;

  constructor(codec: NativeCodec) {
    this.#codec = codec;
  }

  decode(packet: Uint8Array, out: Float32Array): Result<number, TonearmError> {
    if (this.#codec === null) return corrupt('the decoder is closed');
    // An empty packet makes libopus conceal 120 ms; a longer one than any encoder makes is not one.
    if (packet.length === 0 || packet.length > PACKET_BYTES_MAX) return corrupt(`${packet.length} bytes are no packet`);
    let pcm: Buffer;
    try {
      pcm = this.#codec.decode(Buffer.from(packet.buffer, packet.byteOffset, packet.length));
    } catch (thrown) {
      return corrupt(thrown instanceof Error ? thrown.message : String(thrown));
    }
    const frames = pcm.length / FRAME_BYTES;
    if (!Number.isInteger(frames) || frames * CHANNELS > out.length) return corrupt(`decoded to ${pcm.length} bytes`);
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, frames * CHANNELS);
    for (let index = 0; index < samples.length; index += 1) out[index] = (samples[index] ?? 0) / FULL_SCALE;
    return ok(frames);
  }

  close(): void {
    this.#codec = null;
  }
}

function corrupt(problem: string): Result<never, TonearmError> {
  return refused(new TonearmError('decode.corrupt-packet', `Opus packet: ${problem}`));
}
