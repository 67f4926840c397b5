/** A track's qualities as the shelf holds them, for who walks along the track. */
import type { HeldRungs } from '../manifest/rung-route.ts';
import type { TrackPlan } from '../manifest/track-plan.ts';
import type { SegmentShelf } from './segment-shelf.ts';

/** Looks when it is asked: what arrives later is seen, and what is thrown away is not. */
export function heldOnShelf(shelf: Pick<SegmentShelf, 'isHeld'>, { rungs, best }: TrackPlan): HeldRungs {
  return {
    rungCount: rungs.length,
    segmentCount: best.segmentCount,
    isHeld: (rung, segment) => {
      const plan = rungs[rung];
      return plan !== undefined && shelf.isHeld(plan, segment);
    },
  };
}
