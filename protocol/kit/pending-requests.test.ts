import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createPendingRequests } from './pending-requests.ts';

function stage(limit = 10) {
  const clock = new VirtualClock();
  return { clock, pending: createPendingRequests<string>(clock, { limit }) };
}

describe('pending requests', () => {
  it('settles the one that was asked, and clears its timer', async () => {
    const { clock, pending } = stage();
    const first = pending.add('a', ms(100));
    const second = pending.add('b', ms(100));
    expect(pending.settle('b', 'answer')).toBe(true);
    expect(await second).toEqual({ ok: true, value: 'answer' });
    expect(pending.size()).toBe(1);
    expect(clock.timers()).toHaveLength(1);
    pending.settle('a', '');
    expect(await first).toEqual({ ok: true, value: '' });
    expect(clock.timers()).toEqual([]);
  });

  it('refuses at the deadline, and then takes no late answer', async () => {
    const { clock, pending } = stage();
    const waiting = pending.add('a', ms(100));
    await clock.advance(ms(99));
    expect(pending.size()).toBe(1);
    await clock.advance(ms(1));
    const result = await waiting;
    expect(result.ok ? null : result.error.code).toBe('session.deadline-passed');
    expect(pending.settle('a', 'late')).toBe(false);
    expect(pending.refuse('a', new TonearmError('connect.closed', 'late'))).toBe(false);
  });

  it('joins a repeated id to the first wait', async () => {
    const { pending } = stage();
    const both = [pending.add('a', ms(100)), pending.add('a', ms(500))];
    expect(pending.size()).toBe(1);
    pending.settle('a', 'one');
    expect(await Promise.all(both)).toEqual([
      { ok: true, value: 'one' },
      { ok: true, value: 'one' },
    ]);
  });

  it('refuses more than its limit at once', async () => {
    const { pending } = stage(1);
    void pending.add('a', ms(100));
    const result = await pending.add('b', ms(100));
    expect(result.ok ? null : result.error.code).toBe('connect.slow-reader');
    expect(pending.size()).toBe(1);
  });

  it('settles every waiter when the link ends', async () => {
    const { clock, pending } = stage();
    const waiting = ['a', 'b', 'c'].map((id) => pending.add(id, ms(100)));
    pending.refuseAll(new TonearmError('connect.closed', 'gone'));
    const codes = (await Promise.all(waiting)).map((result) => (result.ok ? null : result.error.code));
    expect(codes).toEqual(['connect.closed', 'connect.closed', 'connect.closed']);
    expect(clock.timers()).toEqual([]);
    const anew = pending.add('a', ms(100));
    pending.settle('a', 'anew');
    expect(await anew).toEqual({ ok: true, value: 'anew' });
  });
});
