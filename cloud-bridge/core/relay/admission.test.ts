import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom } from '#sim/relay/relay-room';
import { SeededRandom } from '#sim/world/seeded-random';
import { Admission } from './admission.ts';
import {
  COME_BACK_AFTER,
  COME_BACK_SPREAD_MAX,
  GREETINGS_MAX,
  HELLO_WITHIN,
  RETURN_SPREAD,
  SPEAKER_LINKS_MAX,
} from './limits.ts';

describe('the admission of speakers', () => {
  it('lets in as many at once as it can greet, and the next when one is greeted', () => {
    const admission = new Admission(new SeededRandom(1));
    for (let n = 0; n < GREETINGS_MAX; n += 1) expect(admission.enter(n)).toBeNull();
    expect(admission.enter(GREETINGS_MAX)).toMatchObject({ reason: expect.stringContaining('at once') });
    admission.greeted();
    expect(admission.enter(GREETINGS_MAX)).toBeNull();
    expect(admission.enter(GREETINGS_MAX)).not.toBeNull();
  });

  it('sends the others away to come back at moments of their own', () => {
    const admission = new Admission(new SeededRandom(1));
    for (let n = 0; n < GREETINGS_MAX; n += 1) admission.enter(n);
    const times = Array.from({ length: 4_000 }, () => admission.enter(GREETINGS_MAX)?.retryAfter ?? Number.NaN);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(COME_BACK_AFTER);
    expect(Math.max(...times)).toBeLessThanOrEqual(COME_BACK_AFTER + RETURN_SPREAD);
    // In no second more than twice of what would be even.
    const perSecond = new Map<number, number>();
    for (const time of times)
      perSecond.set(Math.floor(time / 1_000), (perSecond.get(Math.floor(time / 1_000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThan((2 * 4_000) / (RETURN_SPREAD / 1_000));
  });

  it('spreads the return to a bridge that ends by how many there are, and not for ever', () => {
    const admission = new Admission(new SeededRandom(1));
    const latest = (links: number) =>
      Math.max(...Array.from({ length: 500 }, () => admission.returnAfterEnd(links))) - COME_BACK_AFTER;
    expect(latest(3)).toBeLessThanOrEqual(6);
    expect(latest(5_000)).toBeGreaterThan(9_000);
    expect(latest(1_000_000)).toBeLessThanOrEqual(COME_BACK_SPREAD_MAX);
  });

  it('has no room for more than there may be', () => {
    const admission = new Admission(new SeededRandom(1));
    expect(admission.enter(SPEAKER_LINKS_MAX)).toMatchObject({ reason: 'too many speakers are connected' });
  });
});

describe('a crowd at the speakers’ door', () => {
  it('is told when to come back, by a goodbye and 1013, while sockets that say nothing hold its places', async () => {
    const room = new RelayRoom();
    await room.start();
    const silent = Array.from({ length: GREETINGS_MAX }, (_, n) => room.speaker(`silent-${n}`));
    await room.during(Promise.all(silent.map((speaker) => speaker.dial())));
    const late = room.speaker('late');
    await room.during(late.dial());
    await room.run(ms(50));
    const [goodbye] = late.heardOf('goodbye');
    expect(goodbye?.error?.code).toBe('session.busy');
    expect(goodbye?.retryAfterMs).toBeGreaterThanOrEqual(COME_BACK_AFTER);
    expect(late.ended?.code).toBe(CLOSE_CODES.tryLater);
    // Who says no hello is sent away itself before a minute is over, and makes room.
    await room.run(HELLO_WITHIN);
    const later = await room.connected('later');
    expect(later.heardOf('welcome')).toHaveLength(1);
    await room.during(room.household.stop());
    expect(room.timers()).toEqual([]);
  });
});
