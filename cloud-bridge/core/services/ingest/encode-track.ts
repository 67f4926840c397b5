/**
 * One music file to its sealed objects, one a quality, from one decoding: decode, measure, encode, pack, seal. Runs in a
 * thread that may be busy.
 */
import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { PACKET_FRAMES } from '#bridge/core/ports/packet-encoder';
import type { SourceQualityReader } from '#bridge/core/ports/source-quality';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { FRAMES_PER_SECOND, frames, type Kbps } from '#protocol/vocabulary/units';
import { SEGMENTS_MAX } from '#protocol/wire/manifest';
import { LoudnessMeter } from './loudness-meter.ts';
import { chooseRungs, ladderFor } from './quality-ladder.ts';
import { RungEncoder, type RungPorts } from './rung-encoder.ts';
import { SmoothEdges } from './smooth-edges.ts';

/** Names this way of encoding; change it whenever the same source would give other bytes, and all is encoded anew. */
export const ENCODING_RECIPE = 'opus-2';
const DURATION_FRAMES_MAX = (SEGMENTS_MAX - 1) * FRAMES_PER_SECOND;
/** A sign of life after so much music. */
const ALIVE_EVERY_FRAMES = 10 * FRAMES_PER_SECOND;

export interface EncodeTrackPorts extends RungPorts {
  readonly decoder: AudioDecoder;
  readonly quality: SourceQualityReader;
  /** Called now and then while work goes on. */
  alive(): void;
}

/** @throws TonearmError as `TrackEncoder.encode` refuses */
export async function encodeTrack(ports: EncodeTrackPorts, job: EncodeJob): Promise<EncodeOutcome> {
  const ladderKbps = ladderFor(await ports.quality.qualityOf(job.sourcePath));
  const bitrates = chooseRungs(job.bitratesKbps, ladderKbps);
  const rungs: RungEncoder[] = [];
  try {
    return { ...(await encodeRungs(ports, job, bitrates, rungs)), ladderKbps };
  } catch (error) {
    for (const rung of rungs) rung.discard();
    throw error;
  } finally {
    for (const rung of rungs) rung.close();
  }
}

/** @param rungs filled with what is to be closed, however this ends */
async function encodeRungs(
  ports: EncodeTrackPorts,
  job: EncodeJob,
  bitrates: readonly Kbps[],
  rungs: RungEncoder[],
): Promise<Omit<EncodeOutcome, 'ladderKbps'>> {
  const edges = openRungs(ports, job, bitrates, rungs);
  const meter = job.measuresLoudness ? new LoudnessMeter() : null;
  const encode = (blocks: Iterable<Int16Array>): void => {
    for (const block of blocks) for (const rung of rungs) rung.add(block);
  };
  let aliveAt = ALIVE_EVERY_FRAMES;
  for await (const pcm of ports.decoder.decode(job.sourcePath)) {
    meter?.add(pcm);
    encode(edges.add(pcm));
    if (edges.durationFrames > DURATION_FRAMES_MAX) throw tooLong();
    if (edges.durationFrames < aliveAt) continue;
    ports.alive();
    aliveAt = edges.durationFrames + ALIVE_EVERY_FRAMES;
  }
  const durationFrames = frames(edges.durationFrames);
  if (durationFrames === 0) throw new TonearmError('ingest.unreadable-file', 'there is no sound in it');
  encode(edges.finish());
  const files = rungs.map((rung) => {
    ports.alive();
    return rung.finish(durationFrames);
  });
  return {
    files,
    durationFrames,
    loudness: meter?.measured() ?? null,
    loudnessBlocks: meter?.blocks() ?? null,
  };
}

/** All qualities share one delay, so that they share pre-skip and segment boundaries: a player changes between them at any. */
function openRungs(
  ports: EncodeTrackPorts,
  job: EncodeJob,
  bitrates: readonly Kbps[],
  rungs: RungEncoder[],
): SmoothEdges {
  const encoders = bitrates.map((bitrateKbps) => ({ bitrateKbps, encoder: ports.encoders.create(bitrateKbps) }));
  const lookahead = encoders[0]?.encoder.lookaheadFrames ?? 0;
  if (encoders.some(({ encoder }) => encoder.lookaheadFrames !== lookahead)) {
    throw new Error('encoders of one track must have the same delay');
  }
  const edges = new SmoothEdges(PACKET_FRAMES, lookahead);
  for (const { bitrateKbps, encoder } of encoders) {
    const options = { bitrateKbps, serial: job.serial, preSkipFrames: edges.preSkipFrames };
    rungs.push(new RungEncoder(ports, encoder, options));
  }
  return edges;
}

function tooLong(): TonearmError {
  return new TonearmError('ingest.unsupported-format', 'it is longer than 24 hours, the most that a track may last');
}
