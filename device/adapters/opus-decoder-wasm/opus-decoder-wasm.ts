/**
 * libopus as WebAssembly, for machines without the native addon: about a third slower, and the same on every one.
 *
 * The library instantiates asynchronously and the port creates at once, so a few decoders are kept ready and a closed
 * one is renewed for the next. Should more be wanted in a moment than are ready, the first packets of the one too many
 * are silent: a track heard 20 ms late is better than one that fails.
 */
import { OpusDecoder } from 'opus-decoder';
import type { PacketDecoder, PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

const CHANNELS = 2;
/** The current track, the one fading away, the next, and one more. */
const READY_DECODERS = 4;
/** RFC 7845 section 6. */
const PACKET_BYTES_MAX = 61_440;

type Codec = OpusDecoder<48_000>;

/** @returns `decode.unavailable` when this machine cannot run it */
export async function loadWasmOpusDecoder(): Promise<Result<PacketDecoderFactory, TonearmError>> {
  const ready: Codec[] = [];
  try {
    for (let count = 0; count < READY_DECODERS; count += 1) ready.push(await instantiate());
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return refused(new TonearmError('decode.unavailable', `WebAssembly Opus decoder: ${reason}`, { cause: thrown }));
  }
  const giveBack = (codec: Codec): void => {
    if (ready.length >= READY_DECODERS) {
      codec.free();
      return;
    }
    // A stream's history must not reach into the next: `reset` makes a fresh state.
    void codec.reset().then(
      () => (ready.length < READY_DECODERS ? ready.push(codec) : codec.free()),
      () => codec.free(),
    );
  };
  return ok({ name: 'libopus (WebAssembly)', create: () => new WasmDecoder(ready.pop() ?? null, giveBack) });
}

async function instantiate(): Promise<Codec> {
  const codec = new OpusDecoder<48_000>({ channels: CHANNELS });
  await codec.ready;
  return codec;
}

class WasmDecoder implements PacketDecoder {
  readonly #giveBack: (codec: Codec) => void;
  #codec: Codec | null;
  #isClosed = false;

  constructor(codec: Codec | null, giveBack: (codec: Codec) => void) {
    this.#codec = codec;
    this.#giveBack = giveBack;
    if (codec === null) void this.#becomeReady();
  }

  decode(packet: Uint8Array, out: Float32Array): Result<number, TonearmError> {
    if (this.#codec === null) return corrupt('the decoder is not ready');
    if (packet.length === 0 || packet.length > PACKET_BYTES_MAX) return corrupt(`${packet.length} bytes are no packet`);
    const decoded = this.#codec.decodeFrame(packet);
    const [left, right] = decoded.channelData;
    const count = decoded.samplesDecoded;
    if (decoded.errors.length > 0 || count === 0 || left === undefined || right === undefined) {
      return corrupt(decoded.errors[0]?.message ?? 'nothing was decoded');
    }
    if (count * CHANNELS > out.length) return corrupt(`decoded to ${count} frames`);
    for (let frame = 0; frame < count; frame += 1) {
      out[frame * CHANNELS] = left[frame] ?? 0;
      out[frame * CHANNELS + 1] = right[frame] ?? 0;
    }
    return ok(count);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#codec !== null) this.#giveBack(this.#codec);
    this.#codec = null;
  }

  async #becomeReady(): Promise<void> {
    const codec = await instantiate();
    if (this.#isClosed) this.#giveBack(codec);
    else this.#codec = codec;
  }
}

function corrupt(problem: string): Result<never, TonearmError> {
  return refused(new TonearmError('decode.corrupt-packet', `Opus packet: ${problem}`));
}
