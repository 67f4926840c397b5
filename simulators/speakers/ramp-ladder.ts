/** One ramp in several qualities: the same frames in all, in packets as large as each bitrate has them. */
import { kbps } from '#protocol/vocabulary/units';
import type { ServedTrack } from '#sim/network/shaped-content';
import type { StoredTrack } from './ogg-segments.ts';
import { rampTrack } from './ramp-track.ts';

const PACKETS_PER_SECOND = 50;

export interface RampLadder extends StoredTrack {
  readonly served: ServedTrack;
  /** Each quality as a track of its own, for doors that serve one file a track. */
  readonly rungs: readonly StoredTrack[];
}

/** @param number what its frames carry; @param bitratesKbps of its files */
export function rampLadder(number: number, durationFrames: number, bitratesKbps: readonly number[]): RampLadder {
  const rungs = bitratesKbps.map((bitrate) => ({
    bitrate,
    track: rampTrack(number, durationFrames, { packetBytes: (bitrate * 1000) / 8 / PACKETS_PER_SECOND }),
  }));
  const [first] = rungs;
  if (first === undefined) throw new RangeError('a ladder has a rung');
  const stored = new Map<string, Uint8Array>();
  const files = rungs.flatMap(({ bitrate, track }) =>
    track.manifest.files.map((file) => {
      stored.set(file.fileId, track.stored);
      return { ...file, bitrateKbps: kbps(bitrate) };
    }),
  );
  const manifest = { ...first.track.manifest, files };
  return { ...first.track, manifest, served: { manifest, stored }, rungs: rungs.map(({ track }) => track) };
}
