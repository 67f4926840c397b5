/** From an encoder's packets to samples, with nothing but the loudspeaker in place of the real thing. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { ms } from '#protocol/vocabulary/units';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { type StoredTrack, storeTrack, trackIdOf } from '#sim/speakers/ogg-segments';
import { encodeSine, OPUS_PRE_SKIP_FRAMES } from '#sim/speakers/opus-track';

const ROOT = path.join(import.meta.dirname, '..', '..');
const DURATION = 3 * 48_000 + 321;
const HERTZ = 440;
const AMPLITUDE = 16_384;

function sineTrack(): StoredTrack {
  return storeTrack({
    trackId: trackIdOf(1),
    packets: encodeSine(HERTZ, DURATION),
    durationFrames: DURATION,
    preSkipFrames: OPUS_PRE_SKIP_FRAMES,
  });
}

/** Signal-to-noise ratio in dB of the recording against the sine from `position` on. */
function snrDb(recording: Int16Array, fromFrame: number, toFrame: number, position: number): number {
  let signal = 0;
  let noise = 0;
  for (let frame = fromFrame; frame < toFrame; frame += 1) {
    const wanted = AMPLITUDE * Math.sin((2 * Math.PI * HERTZ * (position + frame)) / 48_000);
    signal += wanted ** 2;
    noise += (wanted - (recording[frame * 2] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

const factories: (() => Promise<PacketDecoderFactory>)[] = [
  async () => {
    const loaded = await loadWasmOpusDecoder();
    if (!loaded.ok) throw loaded.error;
    return loaded.value;
  },
];
const native = loadNativeOpusDecoder(ROOT);
if (native.ok) factories.push(async () => native.value);

describe.each(factories)('the engine with a real decoder (%#)', (load) => {
  it('plays exactly the track, every frame in its place', async () => {
    const track = sineTrack();
    const lone = new LoneEngine([track], { ports: { decoders: await load() } });
    lone.load(track);
    await lone.until('ended');
    expect(lone.sink.recordedFrames()).toBe(DURATION);
    // The codec itself leaves 42 dB; one frame off would be 25.
    expect(snrDb(lone.sink.recording(), 2_000, DURATION, 0)).toBeGreaterThan(38);
  });

  it('is settled when a seek is heard', async () => {
    const track = sineTrack();
    const lone = new LoneEngine([track], { ports: { decoders: await load() } });
    lone.load(track, { startFrames: 70_000 });
    await lone.until('ended', ms(10_000));
    expect(lone.sink.recordedFrames()).toBe(DURATION - 70_000);
    expect(snrDb(lone.sink.recording(), 480, 2_400, 70_000)).toBeGreaterThan(38);
  });
});
