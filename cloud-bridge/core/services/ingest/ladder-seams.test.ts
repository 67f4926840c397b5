/** What a player may count on when it changes quality or begins in mid-track: at any segment, in any rung. */
import { OpusDecoder } from 'opus-decoder';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKET_FRAMES } from '#bridge/core/ports/packet-encoder';
import type { EncodedFile, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { type Kbps, kbps } from '#protocol/vocabulary/units';
import { packetsOf, unsealed } from '#sim/content/sealed-files';
import { chords, encodeRecording, voice } from '#sim/listening/ladder-material';
import { LADDER_KBPS } from './quality-ladder.ts';
import { PACKETS_PER_SEGMENT } from './rung-encoder.ts';

const FRAMES = 5 * 48_000 + 123;
/** RFC 7845 asks for 80 ms; at the lowest quality it takes twice that. */
const PRE_ROLL_PACKETS = 8;
/** What a seam in hybrid mode comes to with it, at the least; nobody hears an error 40 dB below in a second of music. */
const HYBRID_DB = 40;

async function decode(packets: readonly Uint8Array[]): Promise<Float32Array> {
  const decoder = new OpusDecoder({ channels: 2, preSkip: 0, sampleRate: 48_000 });
  await decoder.ready;
  const { channelData } = decoder.decodeFrames([...packets]);
  decoder.free();
  return channelData[0] ?? new Float32Array(0);
}

/** Decibels that the difference lies below `wanted`; Infinity when there is none. */
function signalToNoiseDb(wanted: Float32Array, got: Float32Array): number {
  let signal = 0;
  let noise = 0;
  for (const [n, value] of wanted.entries()) {
    signal += value ** 2;
    noise += (value - (got[n] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe.each([
  ['chords', chords, 'celt'],
  ['a voice', voice, 'hybrid'],
] as const)('the qualities of %s', (_, recording, mode) => {
  let outcome: EncodeOutcome;
  const packets = new Map<Kbps, readonly Uint8Array[]>();
  const fileOf = (rung: Kbps): EncodedFile => {
    const found = outcome.files.find(({ file }) => file.bitrateKbps === rung);
    if (found === undefined) throw new Error(`there is no file of ${rung} kbit/s`);
    return found.file;
  };
  beforeAll(async () => {
    const encoded = await encodeRecording(recording, FRAMES);
    outcome = encoded.outcome;
    for (const { file } of outcome.files) {
      const sealed = encoded.stored.get(file.fileId) ?? new Uint8Array(0);
      packets.set(file.bitrateKbps, packetsOf(unsealed(file, sealed)));
    }
  });

  /** From `segment` on, a second of it, by a decoder that began `preRoll` packets before and by one that heard all. */
  async function begun(rung: Kbps, segment: number, preRoll: number): Promise<readonly [Float32Array, Float32Array]> {
    const all = packets.get(rung) ?? [];
    const first = segment * PACKETS_PER_SEGMENT;
    const last = first + PACKETS_PER_SEGMENT;
    const whole = (await decode(all.slice(0, last))).subarray(first * PACKET_FRAMES);
    const fresh = (await decode(all.slice(first - preRoll, last))).subarray(preRoll * PACKET_FRAMES);
    return [whole, fresh];
  }

  it('have the same pre-skip, segment length, count of segments and of packets', () => {
    expect(outcome.files.map(({ file }) => file.bitrateKbps)).toEqual(LADDER_KBPS);
    const shapes = LADDER_KBPS.map((rung) => {
      const { preSkipFrames, segmentFrames, segmentSizesBytes, headSegments } = fileOf(rung);
      return [preSkipFrames, segmentFrames, segmentSizesBytes.length, headSegments, packets.get(rung)?.length];
    });
    expect(new Set(shapes.map(String)).size).toBe(1);
    expect(shapes[0]).toEqual([960, 48_000, 6, 3, Math.ceil((FRAMES + 960) / 960)]);
  });

  it('are as large as their bitrate says', () => {
    for (const rung of LADDER_KBPS) {
      const bytesPerSecond =
        fileOf(rung)
          .segmentSizesBytes.slice(1, 5)
          .reduce((sum, size) => sum + size, 0) / 4;
      expect((bytesPerSecond * 8) / 1000 / rung).toBeGreaterThan(0.8);
      expect((bytesPerSecond * 8) / 1000 / rung).toBeLessThan(1.2);
    }
  });

  it.each([96, 160, 320])('at %i kbit/s can be begun at any segment, exactly, two packets before it', async (rung) => {
    for (const segment of [1, 2, 3, 4]) {
      const [whole, fresh] = await begun(kbps(rung), segment, 2);
      expect(fresh).toEqual(whole);
    }
  });

  it('at 24 kbit/s can be begun at any segment, 160 ms before it', async () => {
    for (const segment of [1, 2, 3, 4]) {
      const [whole, fresh] = await begun(kbps(24), segment, PRE_ROLL_PACKETS);
      expect(signalToNoiseDb(whole, fresh)).toBeGreaterThan(mode === 'celt' ? 120 : HYBRID_DB);
    }
    // RFC 6716, table 2: configurations 12 to 15 are hybrid, and without one the voice would prove nothing.
    const modes = (packets.get(kbps(24)) ?? []).map((packet) => ((packet[0] ?? 0) >> 3 < 16 ? 'hybrid' : 'celt'));
    expect(modes).toContain(mode);
  });
});
