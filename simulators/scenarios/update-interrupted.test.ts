/** Updates that go wrong in every way there is: always the old version runs or the new one, and it is said which and why. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OtaRecord } from '#device/core/ports/slot-store';
import { FETCHES_MAX } from '#device/core/update/update-machine';
import { TonearmError } from '#protocol/vocabulary/errors';
import { DAY_MS, RELEASED_AT_MS, ReleaseMaker } from '#sim/updates/release-maker';
import { type Behaviour, UpdateHouse } from '#sim/updates/update-house';
import { createVirtualUpdateSource } from '#sim/updates/virtual-update-source';

const HOUR_MS = 3_600_000;
const BLOCK = 65_536;
const maker = new ReleaseMaker();
/** Five blocks, of which the second and the last are the version's own. */
function contentOf(seq: number): Uint8Array {
  const content = new Uint8Array(4 * BLOCK + 1_000);
  for (let block = 0; block * BLOCK < content.length; block += 1)
    content.fill(block + 1, block * BLOCK, (block + 1) * BLOCK);
  content.fill(100 + seq, BLOCK, 2 * BLOCK);
  content.fill(200 + seq, 4 * BLOCK);
  return content;
}
const factory = maker.make(1, contentOf(1));
const next = maker.make(2, contentOf(2));

async function house(behaviour: Behaviour = {}, seed = 1): Promise<UpdateHouse> {
  const it = new UpdateHouse(maker, factory, seed);
  it.publish(next, behaviour);
  await it.start();
  return it;
}

const lastOf = (it: UpdateHouse) => {
  const report = it.reports.at(-1);
  return report === undefined ? null : [report.stage, report.reason];
};

describe('an update', () => {
  it('comes, is tried, and stays', async () => {
    const it = await house();
    await it.until(() => it.store.record?.outcome === 'good');
    expect(it.running).toBe('0.2.0');
    expect(it.started).toEqual(['0.1.0', '0.2.0']);
    expect(it.reports.map(({ stage }) => stage)).toEqual(['downloading', 'waiting', 'good']);
    await it.run(DAY_MS);
    expect(it.started.length).toBe(2);
    it.stop();
    expect(it.clock.timers()).toEqual([]);
  });

  it('fetches only what the running version has not', async () => {
    const it = await house();
    const asked: number[] = [];
    it.disturb = (offset, length, right) => {
      asked.push(offset, length);
      return right;
    };
    await it.until(() => it.running === '0.2.0');
    expect(asked).toEqual([BLOCK, BLOCK, 4 * BLOCK, 1_000]);
  });

  it('is asked for again soon where the bridge was away', async () => {
    const it = new UpdateHouse(maker, factory);
    it.hasBridge = false;
    it.publish(next);
    await it.start();
    await it.run(120_000);
    it.hasBridge = true;
    await it.run(HOUR_MS / 2);
    expect(it.running).toBe('0.2.0');
    it.stop();
  });

  it('waits while music plays', async () => {
    const it = await house();
    it.isSilent = false;
    await it.run(DAY_MS / 2);
    expect([it.running, it.agent?.state().kind]).toEqual(['0.1.0', 'waiting']);
    it.isSilent = true;
    await it.until(() => it.running === '0.2.0');
  });

  it('waits for the hours that somebody has given it, also in silence', async () => {
    const it = new UpdateHouse(maker, factory);
    it.window = { from: 180, to: 300 };
    it.minute = 300;
    it.publish(next);
    await it.start();
    await it.run(DAY_MS / 2);
    expect([it.running, it.agent?.state().kind]).toEqual(['0.1.0', 'waiting']);
    it.minute = 180;
    await it.until(() => it.running === '0.2.0');
    it.stop();
  });

  it('that was halted while it waited is not switched to, and the next one is', async () => {
    const it = await house();
    it.isSilent = false;
    await it.run(HOUR_MS / 2);
    expect(it.agent?.state().kind).toBe('waiting');
    it.withdraw();
    it.isSilent = true;
    await it.run(DAY_MS);
    expect([it.running, it.reports.map(({ stage }) => stage)]).toEqual(['0.1.0', ['downloading', 'waiting']]);
    it.publish(maker.make(3, contentOf(3)));
    await it.until(() => it.running === '0.3.0');
    it.stop();
  });

  it('is fetched on where it was cut, not anew', async () => {
    const it = await house();
    let asked = 0;
    it.disturb = (_, length, right) => {
      asked += length;
      return asked > BLOCK && asked <= BLOCK + 1_000 ? new TonearmError('fetch.unreachable', 'cut') : right;
    };
    await it.until(() => it.running === '0.2.0');
    expect(asked).toBe(BLOCK + 1_000 + 1_000);
  });
});

describe('an update that a person brings', () => {
  it('is taken whosever turn it is, refused with its reason, and one at a time', async () => {
    const it = new UpdateHouse(maker, factory);
    await it.start();
    it.hasBridge = false;
    await it.run(120_000);
    const later = maker.make(2, contentOf(2), { rollout: { percent: 0, seed: 's' } });
    const bring = (made: typeof later) =>
      it.agent?.bring(
        createVirtualUpdateSource(() => made),
        false,
      );
    const forged = await bring({ ...later, offer: new ReleaseMaker().make(2, contentOf(2)).offer });
    expect(forged?.ok === false && forged.error.code).toBe('update.bad-signature');
    const taking = bring(later);
    const second = await bring(later);
    expect(second?.ok === false && second.error.code).toBe('session.busy');
    await it.run(1_000);
    expect(await taking).toEqual({ ok: true, value: { version: '0.2.0' } });
    await it.until(() => it.running === '0.2.0');
    it.stop();
  });
});

describe('an older version', () => {
  const third = maker.make(3, contentOf(3));

  async function houseAtThree(): Promise<UpdateHouse> {
    const it = new UpdateHouse(maker, factory);
    it.publish(third);
    await it.start();
    await it.until(() => it.running === '0.3.0' && it.store.record?.outcome === 'good');
    return it;
  }

  it('is taken where a person at the machine says so, tried as any, and stays where no newer one is offered', async () => {
    const it = await houseAtThree();
    const bring = (mayBeOlder: boolean) =>
      it.agent?.bring(
        createVirtualUpdateSource(() => next),
        mayBeOlder,
      );
    const refusal = await bring(false);
    expect(refusal?.ok === false && refusal.error.code).toBe('update.old-sequence');
    it.withdraw();
    const taking = bring(true);
    await it.run(1_000);
    expect(await taking).toEqual({ ok: true, value: { version: '0.2.0' } });
    await it.until(() => it.running === '0.2.0' && it.store.record?.outcome === 'good');
    await it.run(2 * DAY_MS);
    expect(it.running).toBe('0.2.0');
    it.publish(third);
    await it.until(() => it.running === '0.3.0');
    it.stop();
  });

  it('is never taken from a bridge', async () => {
    const it = await houseAtThree();
    it.publish(next);
    await it.run(DAY_MS);
    expect([it.running, lastOf(it)]).toEqual(['0.3.0', ['refused', 'update.old-sequence']]);
    it.stop();
  });
});

describe('an update that does not work', () => {
  it.each<[string, Behaviour]>([
    ['crashes', { crashes: true }],
    ['loses the loudspeaker', { hasNoSound: true }],
    ['cannot keep a conversation', { isLate: true }],
  ])('and %s is tried three times, rolled back, told, and never offered again', async (_, behaviour) => {
    const it = await house(behaviour);
    await it.until(() => it.store.record?.outcome === 'rolled-back');
    await it.run(10_000);
    expect(it.started).toEqual(['0.1.0', '0.2.0', '0.2.0', '0.2.0', '0.1.0']);
    expect(lastOf(it)).toEqual(['rolled-back', 'update.trial-failed']);
    await it.run(2 * DAY_MS);
    expect([it.running, it.started.length]).toEqual(['0.1.0', 5]);
    expect(lastOf(it)).toEqual(['refused', 'update.marked-bad']);
    const later = maker.make(3, contentOf(3));
    it.publish(later);
    await it.until(() => it.store.record?.outcome === 'good');
    expect(it.running).toBe('0.3.0');
  });

  it('and fails its self-test is not switched to', async () => {
    const it = await house({ failsSelfTest: true });
    await it.run(DAY_MS);
    expect([it.started, it.store.record?.bad.length]).toEqual([['0.1.0'], 1]);
    expect(it.reports.map(({ stage, reason }) => [stage, reason])).toContainEqual([
      'failed',
      'update.self-test-failed',
    ]);
  });
});

describe('an update that is not what it says', () => {
  it('an endless one is ended, a wrong one thrown away, and each is told apart', async () => {
    const cases: [string, (right: Uint8Array) => Uint8Array | TonearmError][] = [
      ['update.endless', () => new TonearmError('update.endless', 'more')],
      ['update.endless', (right) => new Uint8Array(right.length + 1)],
      ['update.corrupt', (right) => right.map((byte) => byte ^ 1)],
      ['fetch.range-mismatch', (right) => right.subarray(1)],
      ['fetch.timed-out', () => new TonearmError('fetch.timed-out', 'slow')],
    ];
    for (const [code, disturb] of cases) {
      const it = await house();
      let asked = 0;
      it.disturb = (_, __, right) => {
        asked += 1;
        return disturb(right);
      };
      await it.run(2 * HOUR_MS);
      expect([code, it.running, lastOf(it)]).toEqual([code, '0.1.0', ['failed', code]]);
      expect(asked).toBe(code === 'update.endless' ? 1 : FETCHES_MAX);
      it.stop();
    }
  });

  it('one of a stranger, an old one, a stale one and one for another board are refused, each with its reason', async () => {
    const other = new ReleaseMaker();
    const cases = [
      [other.make(2, next.content), null],
      [maker.make(2, next.content, { arch: 'arm64' }), 'update.wrong-board'],
      [maker.make(2, next.content, { expiresMs: RELEASED_AT_MS + 1 }), 'update.expired'],
      [maker.make(2, next.content, { createdMs: RELEASED_AT_MS + 400 * DAY_MS }), 'update.clock-unset'],
    ] as const;
    for (const [made, reason] of cases) {
      const it = new UpdateHouse(maker, factory);
      it.publish(made);
      await it.start();
      await it.run(HOUR_MS);
      expect([it.running, it.reports.at(-1)?.reason ?? null]).toEqual(['0.1.0', reason]);
      it.stop();
    }
    const it = await house();
    await it.until(() => it.store.record?.outcome === 'good');
    it.publish(maker.make(1, contentOf(9)));
    await it.run(DAY_MS);
    expect([it.running, lastOf(it)]).toEqual(['0.2.0', ['refused', 'update.old-sequence']]);
  });
});

describe('a start that nobody decided', () => {
  const record: OtaRecord = {
    good: 'a',
    pending: 'b',
    tries: 2,
    candidate: 'f'.repeat(64),
    outcome: 'trying',
    bad: [],
  };
  const second = maker.make(2, contentOf(2));
  const third = maker.make(3, contentOf(3));

  it('of the good version while another is to be tried forgets the trial, and fetches it again', async () => {
    const it = new UpdateHouse(maker, factory);
    it.store.lay({ ...record, candidate: third.manifest.artifact.sha256 }, { a: second, b: third });
    it.publish(third);
    await it.start('a');
    expect(it.store.record).toMatchObject({ good: 'a', pending: 'none', outcome: 'none' });
    await it.until(() => it.store.record?.outcome === 'good');
    expect([it.running, it.store.record?.good]).toEqual(['0.3.0', 'b']);
    it.stop();
  });

  it('of a version that is not the good one never writes over what runs', async () => {
    const it = new UpdateHouse(maker, factory);
    it.store.lay({ ...record, good: 'factory', pending: 'none', outcome: 'good' }, { a: second });
    it.publish(third);
    await it.start('a');
    await it.until(() => it.agent?.state().kind === 'waiting');
    expect([it.store.versionIn('a')?.version.seq, it.store.versionIn('b')?.version.seq]).toEqual([2, 3]);
    it.stop();
  });
});

describe('a plug that is pulled', () => {
  it('at any step of the disk leaves the old or the new, and the update comes through in the end', async () => {
    const whole = await house();
    await whole.until(() => whole.store.record?.outcome === 'good');
    const { steps } = whole.store;
    expect(steps).toBeGreaterThan(8);
    for (let at = 1; at <= steps; at += 1) {
      const it = await house();
      it.store.cutAt = at;
      await it.run(HOUR_MS / 2);
      expect(['0.1.0', '0.2.0']).toContain(it.running);
      await it.cutPower();
      expect(['0.1.0', '0.2.0']).toContain(it.running);
      await it.until(() => it.store.record?.outcome === 'good');
      expect([at, it.running]).toEqual([at, '0.2.0']);
      it.stop();
    }
  });

  it('again and again, at any moment, with versions good and bad: a start always finds something that runs', async () => {
    const anEvent = fc.oneof(
      fc.record({ kind: fc.constant('run' as const), ms: fc.integer({ min: 1_000, max: 900_000 }) }),
      fc.record({ kind: fc.constant('cut' as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('cutAtStep' as const), ms: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('publishGood' as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('publishBad' as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('bridge' as const), ms: fc.integer({ min: 0, max: 1 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anEvent, { minLength: 4, maxLength: 14 }), async (events) => {
        const it = new UpdateHouse(maker, factory);
        let seq = 1;
        const good = new Set([1]);
        await it.start();
        for (const { kind, ms } of events) {
          if (kind === 'run') await it.run(ms);
          else if (kind === 'cut') await it.cutPower();
          else if (kind === 'cutAtStep') it.store.cutAt = it.store.steps + ms;
          else if (kind === 'bridge') it.hasBridge = ms === 1;
          else {
            seq += 1;
            if (kind === 'publishGood') good.add(seq);
            it.publish(maker.make(seq, contentOf(seq)), kind === 'publishBad' ? { crashes: true } : {});
            it.agent?.offered();
          }
          expect(it.started.at(-1)).toBe(it.running);
        }
        it.hasBridge = true;
        await it.cutPower();
        await it.run(DAY_MS / 2);
        const runs = Number(it.running.split('.')[1]);
        // Each cut in its first minutes costs a version a try, as a crash does: three of them are one's end.
        const cuts = events.filter(({ kind }) => kind === 'cut').length + 1;
        const isGivenUp =
          cuts >= 3 && it.store.record?.bad.includes(maker.make(seq, contentOf(seq)).manifest.artifact.sha256);
        // The newest when that is a good one, else whichever good one it had; nothing that crashes.
        expect(good).toContain(runs);
        if (good.has(seq) && isGivenUp !== true) expect(runs).toBe(seq);
        it.stop();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
