import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { EDGE_STATE_FIRST, type EdgeInput, type EdgeState, transitionEdge } from './edge-condition.ts';
import { type EdgeFacts, orderEdges } from './edge-order.ts';

function edge(url: string, change: Partial<EdgeFacts> = {}): EdgeFacts {
  return { url, region: null, condition: 'up', firstByteMs: ms(20), failureShare: null, ...change };
}

describe('the order of edges', () => {
  const slow = (value: number) => ({ firstByteMs: ms(value) });
  const table: readonly (readonly [string, readonly EdgeFacts[], string | null, string])[] = [
    ['the household’s own among fast ones', [edge('a', slow(49)), edge('b', slow(1))], null, 'a b'],
    ['the first that answers within 50 ms', [edge('a', slow(51)), edge('b', slow(50)), edge('c')], null, 'b c a'],
    ['slow ones by how slow', [edge('a', slow(300)), edge('b', slow(60)), edge('c', slow(90))], null, 'b c a'],
    [
      'not measured: after the fast, before the slow',
      [edge('a', slow(60)), edge('b', { firstByteMs: null }), edge('c')],
      null,
      'c b a',
    ],
    ['the speaker’s region first', [edge('a'), edge('b', { region: 'attic' })], 'attic', 'b a'],
    ['another region is no reason', [edge('a'), edge('b', { region: 'attic' })], 'cellar', 'a b'],
    ['a slow one of the region stays slow', [edge('a'), edge('b', { region: 'attic', ...slow(80) })], 'attic', 'a b'],
    ['on trial: behind all that work', [edge('a', { condition: 'trial' }), edge('b', slow(500))], null, 'b a'],
    [
      'fails for this speaker: behind one on trial',
      [edge('a', { failureShare: 0.3 }), edge('b', { condition: 'trial' })],
      null,
      'b a',
    ],
    ['one failure in ten is life', [edge('a', { failureShare: 0.1 }), edge('b')], null, 'a b'],
    ['down: last', [edge('a', { condition: 'down', region: 'attic' }), edge('b', { failureShare: 1 })], 'attic', 'b a'],
    ['none', [], null, ''],
  ];
  it.each(table)('%s', (_, edges, region, expected) => {
    expect(
      orderEdges(edges, region)
        .map((it) => it.url)
        .join(' '),
    ).toBe(expected);
  });

  const anyEdge = fc.record({
    region: fc.constantFrom(null, 'attic', 'cellar'),
    condition: fc.constantFrom('up' as const, 'trial' as const, 'down' as const),
    firstByteMs: fc.option(fc.integer({ min: 0, max: 500 }).map(ms)),
    failureShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  });

  it('loses none, adds none, and never puts one that is down before one that is not', () => {
    fc.assert(
      fc.property(fc.array(anyEdge, { maxLength: 15 }), fc.constantFrom(null, 'attic'), (facts, region) => {
        const edges = facts.map((fact, place) => ({ ...fact, url: `http://e${place}` }));
        const ordered = orderEdges(edges, region);
        expect(ordered.map((it) => it.url).sort()).toEqual(edges.map((it) => it.url).sort());
        const isDown = ordered.map((it) => it.reason === 'down');
        expect(isDown.lastIndexOf(false)).toBeLessThan(isDown.includes(true) ? isDown.indexOf(true) : 99);
        const first = edges.find(
          (it) => it.condition === 'up' && (it.failureShare ?? 0) <= 0.2 && (it.firstByteMs ?? 99) <= 50,
        );
        if (first !== undefined && region === null) expect(ordered[0]?.url).toBe(first.url);
      }),
    );
  });
});

describe('whether an edge is up', () => {
  const good: EdgeInput = { kind: 'probeSucceeded' };
  const bad: EdgeInput = { kind: 'probeFailed' };
  const said = (failureShare: number | null): EdgeInput => ({ kind: 'speakersReported', failureShare });
  const table: readonly (readonly [string, readonly EdgeInput[], EdgeState['kind']])[] = [
    ['at first', [], 'up'],
    ['after one failed probe', [bad], 'up'],
    ['after two in a row', [bad, bad], 'down'],
    ['after two with a good one between', [bad, good, bad], 'up'],
    ['after most speakers complain', [said(0.6)], 'down'],
    ['after half of them do', [said(0.5), said(null)], 'up'],
    ['back half-open', [bad, bad, good], 'trial'],
    ['back after it has proved itself', [bad, bad, good, good, good], 'up'],
    ['not back when it fails on trial', [bad, bad, good, good, bad], 'down'],
    ['not back by what speakers say', [bad, bad, said(0)], 'down'],
    ['on trial when they complain', [bad, bad, good, said(0.9)], 'down'],
  ];
  it.each(table)('%s', (_, inputs, expected) => {
    expect(inputs.reduce(transitionEdge, EDGE_STATE_FIRST).kind).toBe(expected);
  });
});
