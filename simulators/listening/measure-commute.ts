/**
 * What a listener gets on a narrow link, measured on virtual time with the real engine: how soon sound begins, how long
 * it is missing, in which qualities it plays and how often they change. For a test, and for a row of the bench.
 */
import type { QualityPolicy } from '#device/core/audio/manifest/choose-file';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import type { LinkTrace } from '#sim/network/commute-trace';
import { ShapedContent } from '#sim/network/shaped-content';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { rampLadder } from '#sim/speakers/ramp-ladder';

const LADDER_KBPS = [24, 96, 160, 320] as const;
/** One track; two of them follow each other. */
const TRACK_SECONDS = 150;
const TRACKS = 2;
/** A ride that has not ended by then has failed. */
const LIMIT_MS = 30 * 60_000;
/** A mobile network's. */
const ROUND_TRIP_MS = 100;

/** An end is told when the device is next looked at. */
const LOOK_MS = 40;

export interface Ride {
  readonly startDelayMs: number;
  /** Silence after the first sound, as a share of the music's length. */
  readonly stalledShare: number;
  /** Of what is heard, in the order it was heard; told once a second. */
  readonly qualitiesKbps: readonly number[];
  readonly changes: number;
  readonly fetchedBytes: number;
}

export interface RideOptions {
  readonly quality?: QualityPolicy;
  readonly roundTripMs?: number;
  readonly seed?: number;
}

/** @throws when the music has not come to its end within half an hour of virtual time */
export async function measureRide(trace: LinkTrace, options: RideOptions = {}): Promise<Ride> {
  const tracks = Array.from({ length: TRACKS }, (_, place) =>
    rampLadder(place + 1, TRACK_SECONDS * FRAMES_PER_SECOND, LADDER_KBPS),
  );
  const served = tracks.map((track) => track.served);
  const roundTripMs = options.roundTripMs ?? ROUND_TRIP_MS;
  const lone = new LoneEngine([], {
    seed: options.seed ?? 1,
    ...(options.quality === undefined ? {} : { quality: options.quality }),
    sources: (clock) => {
      const content = new ShapedContent(clock, { trace, roundTripMs }, served);
      return { chunks: content, manifests: content };
    },
  });
  const [first, second] = tracks;
  if (first === undefined || second === undefined) throw new Error('a ride has two tracks');
  lone.load(first);
  lone.arm(second);
  const ended = await lone.until('ended', ms(LIMIT_MS));
  if (ended === undefined) throw new Error(`the music has not ended in ${LIMIT_MS / 60_000} minutes`);
  const endedMs = lone.clock.nowUs() / 1000;
  const startDelayMs = (lone.sink.runs()[0]?.startedAtUs ?? 0) / 1000;
  const musicMs = TRACKS * TRACK_SECONDS * 1000;
  const qualitiesKbps = lone.eventsOf('health').flatMap(({ delivery }) => delivery?.qualityKbps ?? []);
  await lone.engine.close();
  return {
    startDelayMs,
    stalledShare: Math.max(0, endedMs - LOOK_MS - startDelayMs - musicMs) / musicMs,
    qualitiesKbps,
    changes: qualitiesKbps.filter((quality, place) => place > 0 && quality !== qualitiesKbps[place - 1]).length,
    fetchedBytes: lone.eventsOf('health').at(-1)?.delivery?.fetchedBytes ?? 0,
  };
}
