/** From the best quality to the lowest and back in mid-track: what the speaker's own reader makes of the real encoder's files. */
import path from 'node:path';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { chords, encodeLadder, voice } from '#sim/listening/ladder-material';
import { measureQualitySwitch, type SwitchMeasure } from '#sim/listening/measure-quality-switch';
import { createFigure, type Figure } from '../bench.ts';
import type { RowContext } from './row.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const SECONDS = 9;
const DURATION_FRAMES = SECONDS * 48_000 - 5_000;
/** In segments of a second. */
const DOWN_AND_UP = [
  { kbps: 320, to: 3 },
  { kbps: 24, to: 6 },
  { kbps: 320, to: SECONDS },
];

export async function measureQualitySwitches(row: RowContext): Promise<readonly Figure[]> {
  const decoders = await loadDecoders();
  const measured: SwitchMeasure[] = [];
  for (const [name, recording] of Object.entries({ chords, voice })) {
    const material = await encodeLadder(recording, DURATION_FRAMES);
    const one = await measureQualitySwitch(material, decoders, DOWN_AND_UP);
    measured.push(one);
    row.say(`quality switch in ${name}, ${decoders.name}: read ${one.readKbps.join(', ')} kbit/s`);
  }
  const worst = (of: (one: SwitchMeasure) => number): number[] => [Math.max(...measured.map(of))];
  return [
    createFigure({
      ...{ key: 'quality switch 320→24→320: frames lost or repeated', unit: 'frames', better: 'lower' },
      ...{ values: worst(({ extraFrames }) => Math.abs(extraFrames)), must: 0, reach: 0 },
    }),
    createFigure({
      ...{ key: 'quality switch: error at the seam above that of 24 kbit/s there', unit: 'dB', better: 'lower' },
      ...{ values: worst(({ errorAboveDb }) => errorAboveDb), must: 0.1, reach: 0 },
    }),
    createFigure({
      ...{ key: 'quality switch: step at the seam above those of 24 kbit/s there', unit: 'dB', better: 'lower' },
      ...{ values: worst(({ stepAboveDb }) => stepAboveDb), must: 0.1, reach: 0 },
    }),
  ];
}

async function loadDecoders(): Promise<PacketDecoderFactory> {
  const native = loadNativeOpusDecoder(ROOT);
  if (native.ok) return native.value;
  const wasm = await loadWasmOpusDecoder();
  if (!wasm.ok) throw wasm.error;
  return wasm.value;
}
