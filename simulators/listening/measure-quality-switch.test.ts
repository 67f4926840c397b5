/** A change of quality is not heard: with both decoders, on sound that the lowest quality codes in either of its modes. */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import { segmentStartPosition } from '#device/core/audio/manifest/segment-plan';
import { planTrack, type TrackPlan } from '#device/core/audio/manifest/track-plan';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { chords, encodeLadder, type LadderMaterial, voice } from './ladder-material.ts';
import { measureQualitySwitch, readAlong } from './measure-quality-switch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SEGMENTS = 9;
const DURATION = SEGMENTS * 48_000 - 5_000;
/** Nobody hears an error so far below the music. */
const SETTLED_DB = 40;
const DOWN_AND_UP = [
  { kbps: 320, to: 3 },
  { kbps: 24, to: 6 },
  { kbps: 320, to: SEGMENTS },
];

const decoders: (() => Promise<PacketDecoderFactory>)[] = [
  async () => {
    const loaded = await loadWasmOpusDecoder();
    if (!loaded.ok) throw loaded.error;
    return loaded.value;
  },
];
const native = loadNativeOpusDecoder(ROOT);
if (native.ok) decoders.push(async () => native.value);

describe.each([
  ['chords', chords],
  ['a voice', voice],
] as const)('a change of quality in %s', (_, recording) => {
  let material: LadderMaterial;
  let plan: TrackPlan;
  beforeAll(async () => {
    material = await encodeLadder(recording, DURATION);
    const planned = planTrack(material.manifest, { kind: 'best' });
    if (!planned.ok) throw planned.error;
    plan = planned.value;
  });

  it.each(decoders)('leaves no gap, and no error beyond that of the lower quality (%#)', async (load) => {
    const measured = await measureQualitySwitch(material, await load(), DOWN_AND_UP);
    expect(measured.readKbps).toEqual([320, 24, 320]);
    expect(measured.extraFrames).toBe(0);
    expect(measured.errorAboveDb).toBeLessThan(0.1);
    expect(measured.stepAboveDb).toBeLessThan(0.1);
  });

  it('is over at the boundary: what follows is what a decoder gives that heard all of it', async () => {
    const factory = await (decoders.at(-1) ?? (() => Promise.reject(new Error('there is a decoder'))))();
    const { heard } = await readAlong(material, plan, factory, DOWN_AND_UP);
    const { heard: whole } = await readAlong(material, plan, factory, [{ kbps: 320, to: SEGMENTS }]);
    const seam = segmentStartPosition(plan.best, 6) * 2;
    expect(heard.subarray(seam)).toEqual(whole.subarray(seam));
    const before = (segmentStartPosition(plan.best, 3) - 240) * 2;
    expect(heard.subarray(0, before)).toEqual(whole.subarray(0, before));
  });

  it('has settled when it comes to the lower quality, hybrid or not', async () => {
    const factory = await (decoders.at(-1) ?? (() => Promise.reject(new Error('there is a decoder'))))();
    const { heard } = await readAlong(material, plan, factory, DOWN_AND_UP);
    const { heard: whole } = await readAlong(material, plan, factory, [{ kbps: 24, to: SEGMENTS }]);
    const [from, to] = [3, 4].map((segment) => segmentStartPosition(plan.best, segment) * 2);
    let [signal, error] = [0, 0];
    for (let at = from ?? 0; at < (to ?? 0); at += 1) {
      signal += (whole[at] ?? 0) ** 2;
      error += ((whole[at] ?? 0) - (heard[at] ?? 0)) ** 2;
    }
    expect(10 * Math.log10(signal / Math.max(error, 1e-12))).toBeGreaterThan(SETTLED_DB);
  });
});
