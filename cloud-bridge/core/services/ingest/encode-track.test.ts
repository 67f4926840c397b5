import { createHash } from 'node:crypto';
import { OpusDecoder } from 'opus-decoder';
import { describe, expect, it } from 'vitest';
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import { createPacketEncoders, type EncoderKind } from '#bridge/adapters/opus-encoder/packet-encoders';
import type { EncodedFile, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { kbps } from '#protocol/vocabulary/units';
import { MemoryScratchFiles } from '#sim/content/memory-scratch-files';
import { packetsOf, unsealed } from '#sim/content/sealed-files';
import { encodeTrack } from './encode-track.ts';
import { PACKETS_PER_SEGMENT } from './rung-encoder.ts';

/** A chord that never repeats within the test, at the frame `n` of one long recording. */
function chord(n: number): number {
  const at = (hz: number): number => Math.sin((2 * Math.PI * hz * n) / 48_000);
  return Math.round(5_000 * (at(220.3) + at(331.7) + at(554.1)));
}

function recording(from: number, frames: number): Int16Array {
  return Int16Array.from({ length: frames * 2 }, (_, index) => chord(from + (index >> 1)) * (index % 2 === 0 ? 1 : -1));
}

interface Encoded {
  readonly outcome: EncodeOutcome;
  readonly file: EncodedFile;
  readonly segments: readonly Uint8Array[];
  readonly scratch: MemoryScratchFiles;
}

const lossless = { qualityOf: async () => ({ isLossless: true, bitrateKbps: null }) };

async function encode(pcm: Int16Array, kind: EncoderKind = 'auto'): Promise<Encoded> {
  const scratch = new MemoryScratchFiles();
  const decoder = {
    async *decode() {
      for (let offset = 0; offset < pcm.length; offset += 9_998) yield pcm.subarray(offset, offset + 9_998);
    },
  };
  const outcome = await encodeTrack(
    {
      decoder,
      quality: lossless,
      encoders: createPacketEncoders(kind),
      sealer: new NodeSegmentSealer(),
      scratch,
      alive: () => {},
    },
    { sourcePath: 'x', serial: 5, bitratesKbps: [kbps(160)], measuresLoudness: true },
  );
  const [made] = outcome.files;
  if (made === undefined) throw new Error('there is no file');
  const sealed = scratch.finished.get(made.scratchPath) ?? new Uint8Array(0);
  return { outcome, file: made.file, segments: unsealed(made.file, sealed), scratch };
}

async function decode(packets: readonly Uint8Array[]): Promise<Float32Array> {
  const decoder = new OpusDecoder({ channels: 2, preSkip: 0, sampleRate: 48_000 });
  await decoder.ready;
  const { channelData } = decoder.decodeFrames([...packets]);
  decoder.free();
  return channelData[0] ?? new Float32Array(0);
}

/** As a player hears it: pre-skip dropped, cut at the end. */
async function heard({ outcome, file, segments }: Encoded): Promise<Float32Array> {
  const { preSkipFrames } = file;
  return (await decode(packetsOf(segments))).subarray(preSkipFrames, preSkipFrames + outcome.durationFrames);
}

/** Root mean square of what differs from the recording, from frame `from` on. */
function noise(sound: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let n = from; n < from + count; n += 1) sum += ((sound[n] ?? 0) * 32_768 - chord(n)) ** 2;
  return Math.sqrt(sum / count);
}

describe('an encoded track', () => {
  it.each(['native', 'wasm'] as const)('is the music that went in, with the %s encoder', async (kind) => {
    const encoded = await encode(recording(0, 100_000), kind);
    expect(encoded.outcome.durationFrames).toBe(100_000);
    expect(encoded.file.segmentSizesBytes).toHaveLength(Math.ceil((100_000 + 960) / 48_000));
    expect(createHash('sha256').update(Buffer.concat(encoded.segments)).digest('hex')).toBe(encoded.file.fileId);
    const sound = await heard(encoded);
    expect(sound.length).toBe(100_000);
    expect(noise(sound, 0, 100_000)).toBeLessThan(200);
    expect(encoded.scratch.open.size).toBe(0);
    expect(encoded.scratch.finished.size).toBe(1);
  });

  it('is the same file again, but for its key', async () => {
    const [one, other] = [await encode(recording(0, 50_000)), await encode(recording(0, 50_000))];
    expect(one.file.fileId).toBe(other.file.fileId);
    expect(one.file.key).not.toEqual(other.file.key);
  });

  it('has a segment of so many packets each second, which begins with a page', async () => {
    const { segments } = await encode(recording(0, 150_000));
    expect(segments.map((segment) => String.fromCharCode(...segment.subarray(0, 4)))).toEqual(
      Array.from({ length: 4 }, () => 'OggS'),
    );
    expect(packetsOf(segments.slice(0, 1))).toHaveLength(PACKETS_PER_SEGMENT);
  });

  it('can be begun at any segment: one packet before it, a fresh decoder is exact from its first frame', async () => {
    const packets = packetsOf((await encode(recording(0, 150_000))).segments);
    const whole = await decode(packets);
    for (const segment of [1, 2]) {
      const first = segment * PACKETS_PER_SEGMENT;
      const fresh = await decode(packets.slice(first - 1, first + 5));
      expect([...fresh.subarray(960)]).toEqual([...whole.subarray(first * 960, (first + 5) * 960)]);
    }
  });

  it('joins the next of the same recording without a step', async () => {
    const cut = 61_234;
    const first = await heard(await encode(recording(0, cut)));
    const second = await heard(await encode(recording(cut, 60_000)));
    const joined = Float32Array.from([...first, ...second]);
    const usual = noise(joined, 20_000, 20_000);
    // The 5 ms on either side are as close to the recording as its middle, within 6 dB.
    expect(noise(joined, cut - 240, 240)).toBeLessThan(usual * 2);
    expect(noise(joined, cut, 240)).toBeLessThan(usual * 2);
  });

  it('measures what it heard', async () => {
    const { outcome } = await encode(recording(0, 96_000));
    expect(outcome.loudness?.integratedLufs).toBeGreaterThan(-16);
    expect(outcome.loudness?.integratedLufs).toBeLessThan(-10);
    expect((await encode(new Int16Array(96_000))).outcome.loudness).toBeNull();
  });

  it('may be as short as one frame', async () => {
    const { outcome, segments } = await encode(recording(0, 1));
    expect(outcome.durationFrames).toBe(1);
    expect(segments).toHaveLength(1);
  });
});

describe('what cannot be encoded', () => {
  it('is refused and leaves no scratch file', async () => {
    const scratch = new MemoryScratchFiles();
    const ports = {
      quality: lossless,
      encoders: createPacketEncoders('auto'),
      sealer: new NodeSegmentSealer(),
      scratch,
      alive: () => {},
    };
    const job = { sourcePath: 'x', serial: 5, bitratesKbps: [kbps(160)], measuresLoudness: true };
    const silent = { async *decode() {} };
    await expect(encodeTrack({ ...ports, decoder: silent }, job)).rejects.toMatchObject({
      code: 'ingest.unreadable-file',
    });
    const broken = {
      async *decode() {
        yield recording(0, 100_000);
        throw new TonearmError('ingest.unreadable-file', 'the rest is missing');
      },
    };
    await expect(encodeTrack({ ...ports, decoder: broken }, job)).rejects.toThrow('the rest is missing');
    expect(scratch.open.size + scratch.finished.size).toBe(0);
  });
});
