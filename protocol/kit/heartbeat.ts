/**
 * Signs of life on a link, and noticing that there are none. Spec section 7.
 *
 * TCP tells of a lost peer only when something is written, and then after minutes. Any message counts as a sign of
 * life, so a busy link is never taken for dead because a heartbeat queued behind it.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';

const US_PER_MS = 1_000;
/** A timer later than this was not late because others came first: the process was stopped, or the machine slept. */
const WAKING_AFTER_MS = 1_000;
/** What came while the process slept is read by then. */
const READ_WITHIN_MS = ms(1_000);

export interface HeartbeatView {
  /** `sequence` counts from 0 and goes on over a restart, so that a late answer matches nothing newer. */
  send(sequence: number): void;
  /** Nothing was heard for `deadAfterMs`. Called once per start; the heartbeat has stopped by then. */
  dead(): void;
}

export interface Heartbeat {
  /** Begins, or begins anew: silence counts from now. */
  start(): void;
  /** Something arrived from the peer, whatever it was. */
  heard(): void;
  /** The peer may be out of reach: asks it at once, and takes silence for `within` from now on for its death. */
  doubt(within: Ms): void;
  /** Harmless when not started. No call of the view follows. */
  stop(): void;
}

/**
 * The first beat falls uniformly within the first period, so that links opened together do not beat together.
 * @param options both from the `welcome`; `deadAfterMs` should be more than twice `everyMs`
 */
export function createHeartbeat(
  clock: Clock,
  random: Random,
  view: HeartbeatView,
  options: { readonly everyMs: Ms; readonly deadAfterMs: Ms },
): Heartbeat {
  let beat: Timer | null = null;
  let silence: Timer | null = null;
  let doubt: Timer | null = null;
  let sequence = 0;
  let heardAtUs = 0;

  function stop(): void {
    for (const timer of [beat, silence, doubt]) timer?.cancel();
    beat = null;
    silence = null;
    doubt = null;
  }

  function die(): void {
    stop();
    view.dead();
  }

  function send(): void {
    const current = sequence;
    sequence += 1;
    view.send(current);
  }

  function armBeat(delay: Ms): void {
    beat = clock.setTimer('heartbeat', delay, () => {
      // Armed before sending, because `send` may find the link broken and stop us.
      armBeat(options.everyMs);
      send();
    });
  }

  /** Fired so late, this process did not run: what came meanwhile is still to be read. */
  function isWaking(dueUs: number): boolean {
    return clock.nowUs() - dueUs > WAKING_AFTER_MS * US_PER_MS;
  }

  /** Re-armed only when it fires: one timer per silence instead of one per message. */
  function armSilence(delay: Ms): void {
    const dueUs = clock.nowUs() + delay * US_PER_MS;
    silence = clock.setTimer('heartbeat-silence', delay, () => {
      const leftMs = options.deadAfterMs - (clock.nowUs() - heardAtUs) / US_PER_MS;
      if (leftMs > 0) armSilence(ms(leftMs));
      else if (isWaking(dueUs)) armSilence(READ_WITHIN_MS);
      else die();
    });
  }

  function armDoubt(sinceUs: number, delay: Ms): void {
    const dueUs = clock.nowUs() + delay * US_PER_MS;
    doubt = clock.setTimer('heartbeat-doubt', delay, () => {
      doubt = null;
      if (heardAtUs > sinceUs) return;
      if (isWaking(dueUs)) armDoubt(sinceUs, READ_WITHIN_MS);
      else die();
    });
  }

  return {
    start: () => {
      stop();
      heardAtUs = clock.nowUs();
      armBeat(ms(options.everyMs * random.fraction()));
      armSilence(options.deadAfterMs);
    },
    heard: () => {
      heardAtUs = clock.nowUs();
    },
    doubt: (within) => {
      // Doubted again before it has answered, it is not given more time.
      if (silence === null || doubt !== null) return;
      armDoubt(clock.nowUs(), within);
      send();
    },
    stop,
  };
}
