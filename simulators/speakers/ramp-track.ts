/** A stored track whose every frame says what it is; see the ramp decoder. */
import type { Manifest } from '#protocol/wire/manifest';
import { type StoredTrack, storeTrack, trackIdOf } from './ogg-segments.ts';
import {
  corruptRampPacket,
  RAMP_FRAMES_MAX,
  RAMP_PACKET_FRAMES,
  RAMP_PRE_SKIP_FRAMES,
  rampPacket,
} from './ramp-decoder.ts';

export interface RampTrackOptions {
  /** Bytes of each packet: 400 are 160 kbit/s. Small ones make a fast simulation. */
  readonly packetBytes?: number;
  /** Packets (counted from the start) that the decoder will refuse. */
  readonly corruptPackets?: readonly number[];
  readonly loudness?: Manifest['loudness'];
  /** Its id; that of the number when not given. */
  readonly trackId?: string;
}

const PACKET_BYTES_DEFAULT = 60;

/** @param number what its frames carry, 1 to 127 */
export function rampTrack(number: number, durationFrames: number, options: RampTrackOptions = {}): StoredTrack {
  if (durationFrames > RAMP_FRAMES_MAX) throw new RangeError(`a ramp has at most ${RAMP_FRAMES_MAX} frames`);
  const count = Math.ceil((durationFrames + RAMP_PRE_SKIP_FRAMES) / RAMP_PACKET_FRAMES);
  const corrupt = new Set(options.corruptPackets);
  const packets = Array.from({ length: count }, (_, index) =>
    corrupt.has(index) ? corruptRampPacket() : rampPacket(number, index, options.packetBytes ?? PACKET_BYTES_DEFAULT),
  );
  return storeTrack({
    trackId: options.trackId ?? trackIdOf(number),
    packets,
    durationFrames,
    preSkipFrames: RAMP_PRE_SKIP_FRAMES,
    loudness: options.loudness ?? null,
  });
}
