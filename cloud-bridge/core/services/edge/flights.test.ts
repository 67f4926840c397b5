import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { Flights } from './flights.ts';

type Answer = Result<string, TonearmError>;

/** Questions that are answered when the test says so. */
function pad() {
  const open: { readonly key: string; readonly land: (answer: Answer) => void }[] = [];
  const ask = (key: string) => () => new Promise<Answer>((land) => open.push({ key, land }));
  const land = async (answer: Answer) => {
    open.shift()?.land(answer);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { open, ask, land };
}

const textOf = (answer: Answer) => (answer.ok ? answer.value : answer.error.code);

describe('questions to the origin', () => {
  it('are asked once however many wait', async () => {
    const flights = new Flights<string>();
    const { open, ask, land } = pad();
    const waiting = Array.from({ length: 500 }, () => flights.join('a', 'token', ask('a')));
    expect(open.length).toBe(1);
    await land(ok('bytes'));
    expect(new Set((await Promise.all(waiting)).map(textOf))).toEqual(new Set(['bytes']));
    void flights.join('a', 'token', ask('a'));
    expect(open.length).toBe(1);
  });

  it('fly so many at once, wait in order, and are refused beyond', async () => {
    const flights = new Flights<string>({ flightsMax: 2, waitingMax: 1 });
    const { open, ask, land } = pad();
    const answers = ['a', 'b', 'c', 'd'].map((key) => flights.join(key, 'token', ask(key)));
    expect([open.map((it) => it.key), flights.running, flights.waiting, flights.hasRoom]).toEqual([
      ['a', 'b'],
      2,
      1,
      false,
    ]);
    expect(textOf((await answers[3]) ?? ok('none'))).toBe('content.overloaded');
    await land(ok('a'));
    expect(open.map((it) => it.key)).toEqual(['b', 'c']);
    await land(ok('b'));
    await land(ok('c'));
    expect([flights.running, flights.waiting, flights.hasRoom]).toEqual([0, 0, true]);
  });

  it("are asked again by who waited when it was the other's token that was refused", async () => {
    const flights = new Flights<string>();
    const { open, ask, land } = pad();
    const bad = flights.join('a', 'bad', ask('a'));
    const good = flights.join('a', 'good', ask('a'));
    await land(refused(new TonearmError('content.token-refused', 'no')));
    expect(textOf(await bad)).toBe('content.token-refused');
    expect(open.length).toBe(1);
    await land(ok('bytes'));
    expect(textOf(await good)).toBe('bytes');
  });
});
