/** A few seconds of sound in every quality, made by the bridge's own ingest with the real encoder. */
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import { createPacketEncoders } from '#bridge/adapters/opus-encoder/packet-encoders';
import type { EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { encodeTrack } from '#bridge/core/services/ingest/encode-track';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';
import { bytes } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { MemoryScratchFiles } from '#sim/content/memory-scratch-files';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { SeededRandom } from '#sim/world/seeded-random';

/** Left and right of one frame, as 16-bit samples. */
export type Recording = (n: number) => readonly [left: number, right: number];

/** Chords, the left unlike the right: every quality codes them as music (CELT). */
export const chords: Recording = (n) => {
  const t = n / 48_000;
  const tone = (hz: number): number => 3_000 * Math.sin(2 * Math.PI * hz * t + 3 * Math.sin(2 * Math.PI * 3.1 * t));
  return [tone(233) + tone(349), tone(233) - tone(587)];
};

/** Pulses of a gliding pitch through resonances, as a voice has them: what the lowest quality codes in hybrid mode. */
export const voice: Recording = (n) => {
  const t = n / 48_000;
  const since = (t * (120 + 10 * Math.sin(2 * Math.PI * 0.7 * t))) % 1;
  const ring = (hz: number): number => Math.exp(-since * 9) * Math.sin((2 * Math.PI * hz * since) / 120);
  const loudness = Math.max(0, Math.sin(2 * Math.PI * 2.3 * t) + 0.6);
  const both = 7_000 * loudness * (ring(650) + 0.6 * ring(1_180) + 0.3 * ring(2_600));
  return [both, both];
};

export interface LadderMaterial {
  /** Interleaved 16-bit stereo, what was encoded. */
  readonly pcm: Int16Array;
  readonly manifest: Manifest;
  /** Stored objects by file id. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

/** What the bridge's ingest made of a recording. */
export interface EncodedRecording {
  /** Interleaved 16-bit stereo, what was encoded. */
  readonly pcm: Int16Array;
  readonly outcome: EncodeOutcome;
  /** Stored objects by file id. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

/** Encodes the recording and a little hiss, since nothing recorded is without. */
export async function encodeRecording(recording: Recording, durationFrames: number): Promise<EncodedRecording> {
  const pcm = recorded(recording, durationFrames);
  const scratch = new MemoryScratchFiles();
  const outcome = await encodeTrack(
    {
      decoder: {
        async *decode() {
          yield pcm;
        },
      },
      quality: { qualityOf: async () => ({ isLossless: true, bitrateKbps: null }) },
      encoders: createPacketEncoders('auto'),
      sealer: new NodeSegmentSealer(),
      scratch,
      alive: () => {},
    },
    { sourcePath: 'x', serial: 9, bitratesKbps: LADDER_KBPS, measuresLoudness: false },
  );
  const stored = new Map(
    outcome.files.map(({ file, scratchPath }) => [file.fileId, scratch.finished.get(scratchPath) ?? new Uint8Array(0)]),
  );
  return { pcm, outcome, stored };
}

/** The same as a speaker finds it: by a manifest. */
export async function encodeLadder(recording: Recording, durationFrames: number): Promise<LadderMaterial> {
  const { pcm, outcome, stored } = await encodeRecording(recording, durationFrames);
  const files = outcome.files.map(({ file: { key, segmentSizesBytes, ...file } }) => ({
    ...file,
    codec: 'opus' as const,
    segmentSizesBytes: [...segmentSizesBytes],
    key: { kind: 'plain' as const, base64: Buffer.from(key).toString('base64') },
  }));
  const manifest: Manifest = {
    trackId: trackIdOf(1),
    durationFrames: outcome.durationFrames,
    loudness: null,
    files,
    edges: [],
    token: 'token-of-a-test',
    tokenExpiresAtMs: 4_000_000_000_000,
  };
  return { pcm, manifest, stored };
}

/** Bytes of one sealed segment of a file. */
export function sealedSegment(material: LadderMaterial, fileId: string, segment: number): Uint8Array {
  const sizes = material.manifest.files.find((file) => file.fileId === fileId)?.segmentSizesBytes ?? [];
  const from = bytes(sizes.slice(0, segment).reduce<number>((sum, size) => sum + size, 0));
  return (material.stored.get(fileId) ?? new Uint8Array(0)).slice(from, from + (sizes[segment] ?? 0));
}

function recorded(recording: Recording, durationFrames: number): Int16Array {
  const random = new SeededRandom(1);
  const pcm = new Int16Array(durationFrames * 2);
  let hiss = 0;
  for (let n = 0; n < durationFrames; n += 1) {
    hiss = hiss * 0.8 + (random.fraction() - 0.5) * 1_000;
    const [left, right] = recording(n);
    pcm[n * 2] = Math.round(left + hiss);
    pcm[n * 2 + 1] = Math.round(right + hiss);
  }
  return pcm;
}
