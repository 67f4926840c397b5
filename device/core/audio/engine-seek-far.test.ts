/** A seek to what has not come yet, while much else is on its way: nothing of that may be waited for. */
import { expect, it } from 'vitest';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import { createLinkTrace } from '#sim/network/commute-trace';
import { ShapedContent } from '#sim/network/shaped-content';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { rampLadder } from '#sim/speakers/ramp-ladder';

const LINK_KBPS = 4_000;
const ROUND_TRIP_MS = 40;
/** There and back, two segments of 96 kbit/s, and the steps of the modelled link. */
const READY_WITHIN_MS = 130;

it.each([600, 900, 1_000, 1_100, 1_300])(
  'is ready as soon as the link can bring it, %i ms after the start',
  async (afterMs) => {
    const ladder = rampLadder(1, 120 * FRAMES_PER_SECOND, [24, 96, 160, 320]);
    let content: ShapedContent | null = null;
    const lone = new LoneEngine([], {
      sources: (clock) => {
        const trace = createLinkTrace([{ untilMs: 1, kbps: LINK_KBPS }]);
        content = new ShapedContent(clock, { trace, roundTripMs: ROUND_TRIP_MS }, [ladder.served]);
        return { chunks: content, manifests: content };
      },
    });
    lone.load(ladder);
    await lone.until('ready', ms(2_000));
    await lone.clock.advance(ms(afterMs));
    const soughtAtUs = lone.clock.nowUs();
    lone.seek(100 * FRAMES_PER_SECOND);
    await lone.until('ready', ms(5_000));
    expect((lone.clock.nowUs() - soughtAtUs) / 1000).toBeLessThan(READY_WITHIN_MS);
    await lone.engine.close();
  },
);
