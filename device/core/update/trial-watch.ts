/** Looks at a version on trial every ten seconds until it is judged; `trial-gate.ts` says how. */
import type { SpeakerSigns } from '#device/core/ports/speaker-signs';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import { judgeTrial, LOOK_EVERY_MS } from './trial-gate.ts';

const US_PER_MS = 1_000;

export interface TrialWatch {
  /** No look follows. Twice is harmless. */
  stop(): void;
}

/** @param had what the version before it could do @param judged called once, unless it is stopped before */
export function watchTrial(
  { clock, signs }: { readonly clock: Clock; readonly signs: SpeakerSigns },
  had: { readonly hadSink: boolean; readonly hadBridge: boolean },
  judged: (judgement: 'good' | 'failed') => void,
): TrialWatch {
  const startedUs = clock.nowUs();
  let aliveLooks = 0;
  let isAsked = false;
  let isOver = false;
  let timer: Timer;

  const arm = (): void => {
    timer = clock.setTimer('update-trial', ms(LOOK_EVERY_MS), look);
  };
  const stop = (): void => {
    isOver = true;
    timer.cancel();
  };
  const judge = (isAlive: boolean): void => {
    aliveLooks = isAlive ? aliveLooks + 1 : 0;
    const judgement = judgeTrial({
      ...had,
      elapsedMs: (clock.nowUs() - startedUs) / US_PER_MS,
      hasSink: signs.hasSink(),
      hasBridge: signs.hasBridge(),
      isNetworkDown: signs.isNetworkDown(),
      loopLagP99Ms: signs.loopLagP99Ms(),
      aliveLooks,
    });
    if (judgement === 'wait') return;
    stop();
    judged(judgement);
  };
  function look(): void {
    arm();
    // A thread that hangs gives no answer at all: by the next look it is taken for dead.
    if (isAsked) {
      judge(false);
      return;
    }
    isAsked = true;
    void signs.isAlive().then((isAlive) => {
      isAsked = false;
      if (!isOver) judge(isAlive);
    });
  }

  arm();
  return { stop };
}
