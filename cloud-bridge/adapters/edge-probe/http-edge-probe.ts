/** Asks edges over HTTP how they are. */
import type { EdgeProbe } from '#bridge/core/ports/edge-probe';
import { ms } from '#protocol/vocabulary/units';

/** An edge that needs longer to say that it is well is not. */
const ANSWER_WITHIN_MS = 3_000;

export const httpEdgeProbe: EdgeProbe = {
  probe: async (url) => {
    const began = performance.now();
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer = await fetch(`${url}/healthz`, { signal, redirect: 'error' });
      const took = performance.now() - began;
      // What it says beyond its status is of no interest, however long it is.
      await answer.body?.cancel();
      return answer.status === 200 ? ms(took) : null;
    } catch {
      return null;
    }
  },
};
