/**
 * Whether a change of quality in mid-track can be heard, by measurement: the speaker's own reader with a real decoder over
 * files of the real encoder, from the best quality to the lowest and back. Everything is compared with what was encoded.
 *
 * A gap or a repeat shows in the count of frames and as a burst of error. A step shows in the second difference, which is
 * the loudness of a click. Both are compared with what the lowest quality has in the same places when it is read throughout:
 * what is not above that is the encoder's, not the seam's.
 */
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { createSegmentShelf } from '#device/core/audio/cache/segment-shelf';
import { createTrackReader } from '#device/core/audio/decode/track-reader';
import { segmentStartPosition } from '#device/core/audio/manifest/segment-plan';
import { planTrack, type TrackPlan } from '#device/core/audio/manifest/track-plan';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import { frames } from '#protocol/vocabulary/units';
import { type LadderMaterial, sealedSegment } from './ladder-material.ts';

/** Error is summed over so much: shorter than a click lasts, longer than a period of what makes one. */
const WINDOW_FRAMES = 120;
/** Around a seam: 10 ms either side, which the fade before it and the first packet after it lie in. */
const SEAM_REACH_FRAMES = 480;
const CHANNELS = 2;

export interface SwitchMeasure {
  /** Frames heard less those of the track: negative is a gap, positive a repeat. */
  readonly extraFrames: number;
  /** Loudest error in a window at a seam, against the loudest there in the lowest quality alone. */
  readonly errorAboveDb: number;
  /** Largest second difference of the error at a seam, against the largest there in the lowest quality alone. */
  readonly stepAboveDb: number;
  /** Qualities in the order they were read. */
  readonly readKbps: readonly number[];
}

/**
 * @param ranges which segments are read in which quality, from the track's first; each but the last names where it ends
 * @throws when the material has not these qualities, or cannot be read
 */
export async function measureQualitySwitch(
  material: LadderMaterial,
  decoders: PacketDecoderFactory,
  ranges: readonly { readonly kbps: number; readonly to: number }[],
): Promise<SwitchMeasure> {
  const planned = planTrack(material.manifest, { kind: 'best' });
  if (!planned.ok) throw planned.error;
  const plan = planned.value;
  const lowestKbps = Math.min(...ranges.map(({ kbps }) => kbps));
  const { heard, readKbps } = await readAlong(material, plan, decoders, ranges);
  const onlyLowest = [{ kbps: lowestKbps, to: plan.best.segmentCount }];
  const lowest = (await readAlong(material, plan, decoders, onlyLowest)).heard;
  const seams = ranges.slice(0, -1).map(({ to }) => segmentStartPosition(plan.best, to));
  const wanted = Float32Array.from(material.pcm, (sample) => sample / 32_768);
  const atSeams = (frame: number): boolean => seams.some((seam) => Math.abs(frame - seam) < SEAM_REACH_FRAMES);
  const [error, errorLowest] = [differenceOf(heard, wanted), differenceOf(lowest, wanted)];
  const db = (ratio: number): number => 20 * Math.log10(ratio);
  return {
    extraFrames: heard.length / CHANNELS - plan.best.durationFrames,
    errorAboveDb: db(loudest(error, atSeams) / loudest(errorLowest, atSeams)),
    stepAboveDb: db(steepest(error, atSeams) / steepest(errorLowest, atSeams)),
    readKbps,
  };
}

/** Reads the whole track with nothing but those segments held (and before each the one to settle on). */
export async function readAlong(
  material: LadderMaterial,
  plan: TrackPlan,
  decoders: PacketDecoderFactory,
  ranges: readonly { readonly kbps: number; readonly to: number }[],
): Promise<{ readonly heard: Float32Array; readonly readKbps: readonly number[] }> {
  const store = createMemoryChunkStore();
  let from = 0;
  for (const { kbps, to } of ranges) {
    const rung = plan.rungs.find(({ file }) => file.bitrateKbps === kbps);
    if (rung === undefined) throw new RangeError(`the material has no ${kbps} kbit/s`);
    for (let segment = Math.max(0, from - 1); segment < to; segment += 1) {
      store.put(rung.file.fileId, segment, sealedSegment(material, rung.file.fileId, segment));
    }
    from = to;
  }
  const shelf = createSegmentShelf({ store, cipher: createNodeSegmentCipher() });
  const problems: string[] = [];
  const reader = createTrackReader(
    { shelf, decoders },
    { plan, positionFrames: frames(0) },
    {
      segmentCorrupt: (_, segment) => problems.push(`segment ${segment} is corrupt`),
      packetCorrupt: (position) => problems.push(`the packet at ${position} is corrupt`),
      failed: (error) => problems.push(error.message),
    },
  );
  const heard: number[] = [];
  const readKbps: number[] = [];
  for (;;) {
    const outcome = reader.read();
    if (outcome.kind !== 'block') {
      reader.close();
      // WebAssembly decoders are made ready again between turns.
      await new Promise((resolve) => setImmediate(resolve));
      if (outcome.kind === 'missing' || problems.length > 0)
        throw new Error(`cannot be read: ${problems.slice(0, 3).join('; ')}`);
      return { heard: Float32Array.from(heard), readKbps };
    }
    const { samples, offsetFrames, countFrames } = outcome.block;
    heard.push(...samples.subarray(offsetFrames * CHANNELS, (offsetFrames + countFrames) * CHANNELS));
    const kbps = plan.rungs[reader.place().rung ?? 0]?.file.bitrateKbps;
    if (kbps !== undefined && kbps !== readKbps.at(-1)) readKbps.push(kbps);
  }
}

function differenceOf(heard: Float32Array, wanted: Float32Array): Float32Array {
  return heard.map((sample, index) => sample - (wanted[index] ?? 0));
}

/** Root of the energy in the loudest window of those that lie where `counts` says. */
function loudest(error: Float32Array, counts: (frame: number) => boolean): number {
  let most = 0;
  for (let frame = 0; (frame + WINDOW_FRAMES) * CHANNELS <= error.length; frame += WINDOW_FRAMES / 2) {
    if (!counts(frame) || !counts(frame + WINDOW_FRAMES)) continue;
    let energy = 0;
    for (let at = frame * CHANNELS; at < (frame + WINDOW_FRAMES) * CHANNELS; at += 1) energy += (error[at] ?? 0) ** 2;
    most = Math.max(most, energy);
  }
  return Math.sqrt(most);
}

/** Largest second difference, of either channel. */
function steepest(error: Float32Array, counts: (frame: number) => boolean): number {
  let most = 0;
  for (let at = 2 * CHANNELS; at < error.length; at += 1) {
    if (!counts(Math.floor(at / CHANNELS))) continue;
    const [now = 0, before = 0, first = 0] = [error[at], error[at - CHANNELS], error[at - 2 * CHANNELS]];
    most = Math.max(most, Math.abs(now - 2 * before + first));
  }
  return most;
}
