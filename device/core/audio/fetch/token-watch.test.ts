import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { TOKEN_MARGIN_MS, TokenWatch } from './token-watch.ts';

const LIFE_MS = 300_000;
const DAY_MS = 86_400_000;

function arrived(lifeMs = LIFE_MS) {
  const clock = new VirtualClock();
  const watch = new TokenWatch(clock);
  watch.arrived(clock.wallMs() + lifeMs);
  return { clock, watch };
}

describe('a token’s age', () => {
  it('is good until little is left, and then to be renewed, once per margin', async () => {
    const { clock, watch } = arrived();
    await clock.advance(ms(LIFE_MS - TOKEN_MARGIN_MS));
    expect(watch.age()).toBe('good');
    await clock.advance(ms(1));
    expect(watch.age()).toBe('ending');
    watch.asked();
    expect(watch.age()).toBe('good');
    await clock.advance(ms(TOKEN_MARGIN_MS));
    expect(watch.age()).toBe('over');
  });

  it('is over once its life has passed, though the calendar was set back', async () => {
    const { clock, watch } = arrived();
    clock.setWallMs(clock.wallMs() - DAY_MS);
    await clock.advance(ms(LIFE_MS - 1));
    expect(watch.age()).toBe('ending');
    await clock.advance(ms(1));
    expect(watch.age()).toBe('over');
  });

  it('is never over by a calendar that was set ahead, but asked about now and then', async () => {
    const { clock, watch } = arrived();
    await clock.advance(ms(TOKEN_MARGIN_MS));
    clock.setWallMs(clock.wallMs() + DAY_MS);
    expect(watch.age()).toBe('ending');
    const { clock: late, watch: lateWatch } = arrived(-DAY_MS);
    expect(lateWatch.age()).toBe('good');
    await late.advance(ms(DAY_MS));
    expect(lateWatch.age()).toBe('ending');
  });

  it('is of no use at once when it is remembered from before and over by the calendar', async () => {
    const { clock, watch } = arrived();
    watch.recalled(clock.wallMs() - 1);
    expect(watch.age()).toBe('over');
    watch.recalled(clock.wallMs() + TOKEN_MARGIN_MS - 1);
    expect(watch.age()).toBe('ending');
    watch.recalled(clock.wallMs() + TOKEN_MARGIN_MS);
    expect(watch.age()).toBe('good');
    await clock.advance(ms(TOKEN_MARGIN_MS));
    expect(watch.age()).toBe('over');
  });
});
