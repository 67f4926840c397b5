import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
import { VirtualClock } from '#sim/world/virtual-clock';
import { EdgeBook, PROBE_DOWN_EVERY, PROBE_EVERY } from './edge-book.ts';
import { EdgeOpinions, OPINIONS_MAX } from './edge-opinions.ts';

const ATTIC = 'http://attic:4748';
const CELLAR = 'http://cellar:4748';
const KITCHEN = speakerId('kitchen-speaker');

function bench() {
  const clock = new VirtualClock();
  const answers = new Map<string, Ms | null>([
    [ATTIC, ms(10)],
    [CELLAR, ms(20)],
  ]);
  const probes: string[] = [];
  const probe = {
    probe: async (url: string) => {
      probes.push(url);
      return answers.get(url) ?? null;
    },
  };
  const book = new EdgeBook({ clock, probe }, [
    { url: ATTIC, region: 'attic' },
    { url: CELLAR, region: null },
  ]);
  const order = (speaker: string | null = null) => book.orderFor(speaker, null).map((edge) => edge.url);
  const passRounds = async (rounds: number) => {
    for (let n = 0; n < rounds; n += 1) await clock.advance(PROBE_EVERY);
  };
  return { clock, answers, probes, book, order, passRounds };
}

function report(speaker: string, url: string, said: Partial<EdgeReport['edges'][number]>): EdgeReport {
  const edge = { url, requests: 10, failures: 0, firstByteMs: ms(10), bytesPerSecond: null, ...said };
  return { speakerId: speakerId(speaker), edges: [edge] };
}

describe('edges', () => {
  it('are believed in before anything is known, in the order of the household', () => {
    expect(bench().order()).toEqual([ATTIC, CELLAR]);
  });

  it('go down when they do not answer, come back on trial, and are first again when they have proved themselves', async () => {
    const { clock, answers, book, order, passRounds } = bench();
    book.start();
    await clock.advance(ms(1));
    expect(order()).toEqual([ATTIC, CELLAR]);
    answers.set(ATTIC, null);
    await passRounds(1);
    expect(order()).toEqual([ATTIC, CELLAR]);
    await passRounds(1);
    expect(order()).toEqual([CELLAR]);
    expect(book.view().map((edge) => [edge.url, edge.condition, edge.reason])).toEqual([
      [CELLAR, 'up', 'fast'],
      [ATTIC, 'down', 'down'],
    ]);
    answers.set(ATTIC, ms(10));
    await clock.advance(PROBE_DOWN_EVERY);
    expect(order()).toEqual([CELLAR, ATTIC]);
    expect(book.view()[1]).toMatchObject({ condition: 'trial', reason: 'on-trial' });
    await passRounds(2);
    expect(order()).toEqual([ATTIC, CELLAR]);
    book.stop();
  });

  it('go down when most speakers complain, and what was said is forgiven when they come back', async () => {
    const { clock, book, order, passRounds } = bench();
    book.start();
    await clock.advance(ms(1));
    for (const speaker of ['speaker-one', 'speaker-two', 'speaker-three']) {
      book.report(report(speaker, ATTIC, { failures: 9 }));
    }
    expect(order()).toEqual([CELLAR]);
    await passRounds(3);
    expect(order('speaker-one')).toEqual([ATTIC, CELLAR]);
    book.stop();
  });

  it('are not closed for all by what one speaker says, only put last for it', () => {
    const { book, order } = bench();
    for (const speaker of ['speaker-one', 'speaker-two']) book.report(report(speaker, ATTIC, {}));
    book.report(report(KITCHEN, ATTIC, { failures: 1_000_000, requests: 1_000_000 }));
    expect(order()).toEqual([ATTIC, CELLAR]);
    expect(order(KITCHEN)).toEqual([CELLAR, ATTIC]);
  });

  it('are ordered by what this speaker has measured, else by the household, else by the bridge', async () => {
    const { clock, answers, book, order } = bench();
    answers.set(ATTIC, ms(80));
    book.start();
    await clock.advance(ms(1));
    expect(order()).toEqual([CELLAR, ATTIC]);
    book.report(report('speaker-one', ATTIC, { firstByteMs: ms(30) }));
    expect(order()).toEqual([ATTIC, CELLAR]);
    book.report(report(KITCHEN, ATTIC, { firstByteMs: ms(200) }));
    expect([order(), order(KITCHEN)]).toEqual([
      [ATTIC, CELLAR],
      [CELLAR, ATTIC],
    ]);
    book.stop();
  });

  it('are not added by reports, and a speaker that talks too fast is not heard', () => {
    const { book, order } = bench();
    book.report(report(KITCHEN, 'http://elsewhere', {}));
    expect(order()).toEqual([ATTIC, CELLAR]);
    book.report(report(KITCHEN, ATTIC, { failures: 10 }));
    expect(order(KITCHEN)).toEqual([ATTIC, CELLAR]);
  });

  it('are asked every ten seconds, every second while they are down, until the end, however often it is begun', async () => {
    const { clock, answers, probes, book, passRounds } = bench();
    book.start();
    book.start();
    await clock.advance(ms(1));
    await passRounds(2);
    expect(probes).toEqual([ATTIC, CELLAR, ATTIC, CELLAR, ATTIC, CELLAR]);
    answers.set(ATTIC, null);
    await passRounds(2);
    expect(probes).toHaveLength(10);
    await passRounds(1);
    expect(probes.filter((url) => url === ATTIC)).toHaveLength(5 + 10);
    expect(probes.filter((url) => url === CELLAR)).toHaveLength(5 + 1);
    book.stop();
    book.stop();
    await passRounds(2);
    expect(probes).toHaveLength(21);
  });
});

describe('what speakers say of an edge', () => {
  const said = { url: ATTIC, requests: 10, failures: 10, firstByteMs: ms(40), bytesPerSecond: null };

  it('fades, and says nothing after a while', async () => {
    const clock = new VirtualClock();
    const opinions = new EdgeOpinions();
    opinions.add(KITCHEN, said, clock.nowUs());
    expect([opinions.failureShare(clock.nowUs()), opinions.firstByte(clock.nowUs())]).toEqual([1, 40]);
    await clock.advance(ms(120_000));
    expect(opinions.failureShareOf(KITCHEN, clock.nowUs())).toBe(null);
    opinions.add(KITCHEN, { ...said, failures: 0, firstByteMs: null }, clock.nowUs());
    expect(opinions.failureShareOf(KITCHEN, clock.nowUs())).toBeCloseTo(0.2);
    expect(opinions.firstByteOf(KITCHEN, clock.nowUs())).toBe(40);
    await clock.advance(ms(301_000));
    expect([opinions.failureShare(clock.nowUs()), opinions.firstByte(clock.nowUs())]).toEqual([null, null]);
  });

  it('counts no failure that was not asked for, and too few say nothing', () => {
    const { nowUs } = { nowUs: new VirtualClock().nowUs() };
    const opinions = new EdgeOpinions();
    opinions.add(KITCHEN, { ...said, requests: 2, failures: 2 }, nowUs);
    expect(opinions.failureShare(nowUs)).toBe(null);
    opinions.add(KITCHEN, { ...said, requests: 2, failures: 99 }, nowUs);
    expect(opinions.failureShare(nowUs)).toBe(1);
  });

  it('is remembered of so many speakers and no more', () => {
    const nowUs = new VirtualClock().nowUs();
    const opinions = new EdgeOpinions();
    for (let n = 0; n <= OPINIONS_MAX; n += 1) opinions.add(`speaker-${n}`, said, nowUs);
    expect(opinions.failureShareOf('speaker-0', nowUs)).toBe(null);
    expect(opinions.failureShareOf('speaker-1', nowUs)).toBe(1);
  });
});
