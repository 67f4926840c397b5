/** What a replay yields, whichever side was recorded, and the numbers that both have in common. */
import type { FlightLimits, HeldFlight } from '#protocol/kit/flight-recorder';
import type { Logger } from '#protocol/ports/logger';
import type { FlightEntry } from '#protocol/wire/flight-record';
import type { VirtualClock } from '#sim/world/virtual-clock';

/** What a lone party did when it was run again. */
export interface Replayed {
  /** In the form of a record: what was told it, and what it said. */
  readonly said: readonly FlightEntry[];
  /** The same as the recorder of the replay holds it, so that a replay can be replayed. */
  readonly held: HeldFlight;
  /** Promises that were broken, in words. */
  readonly problems: readonly string[];
}

/** After the last entry, for what it led to; and after the stop. */
export const AFTER_END_US = 1_000_000;
/** What a speaker, or a bridge with the links of a recording, may have of them at once. */
export const TIMERS_MAX = 500;
/** How a replay is run. */
export interface ReplayHow {
  /** µs of the recording. */
  readonly untilUs: number;
  /** Hears what the core logs. */
  readonly createLogger: (clock: VirtualClock) => Logger;
  /** Of the replay's own recorder. */
  readonly limits?: FlightLimits;
}

/** A replay's own record is looked at as a whole. */
export const REPLAY_LIMITS: FlightLimits = {
  windowUs: Number.POSITIVE_INFINITY,
  weight: Number.POSITIVE_INFINITY,
};
