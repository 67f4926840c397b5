/**
 * Whether a version that is on trial may stay: a pure judgement of what the speaker could do before it, and can do with it.
 * What was missing before (no loudspeaker, no bridge) is not asked of it.
 */

/** Long enough for a leak of threads or a crash after the first minute to show, short enough to be waited for. */
export const TRIAL_MS = 90_000;
/** Heard and alive by then, or it never will be. */
export const TRIAL_LIMIT_MS = 300_000;
/** A bridge may be starting anew itself just now. */
export const BRIDGE_LIMIT_MS = 1_200_000;
/** An event loop that is later than this at its hundredth worst cannot keep a conversation. */
export const LOOP_LAG_P99_MAX_MS = 100;
/** How often the gate looks; each look is an answer of the audio thread too. */
export const LOOK_EVERY_MS = 10_000;

export interface TrialSigns {
  /** Since the trial began. */
  readonly elapsedMs: number;
  readonly hadSink: boolean;
  readonly hadBridge: boolean;
  readonly hasSink: boolean;
  readonly hasBridge: boolean;
  /** The machine has no address in any network: nobody can expect a bridge. */
  readonly isNetworkDown: boolean;
  readonly loopLagP99Ms: number;
  /** Looks in a row, up to now, at which the audio thread answered. */
  readonly aliveLooks: number;
}

export type TrialJudgement = 'wait' | 'good' | 'failed';

export function judgeTrial(signs: TrialSigns): TrialJudgement {
  const { elapsedMs } = signs;
  const sounds = signs.hasSink || !signs.hadSink;
  const talks = signs.hasBridge || !signs.hadBridge || signs.isNetworkDown;
  const lives =
    signs.loopLagP99Ms < LOOP_LAG_P99_MAX_MS && signs.aliveLooks * LOOK_EVERY_MS >= TRIAL_MS - LOOK_EVERY_MS;
  if (elapsedMs >= TRIAL_MS && sounds && talks && lives) return 'good';
  if (elapsedMs >= BRIDGE_LIMIT_MS) return 'failed';
  return elapsedMs >= TRIAL_LIMIT_MS && !(sounds && lives) ? 'failed' : 'wait';
}
