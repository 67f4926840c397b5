import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { type EdgeView, rankEdges } from './choose-edge.ts';
import { applyEdgeEvent, type EdgeEvent, UNKNOWN_EDGE } from './edge-health.ts';

const FAILED: EdgeEvent = { kind: 'failed' };
const SECOND_US = 1_000_000;

function edge(url: string, ...events: readonly EdgeEvent[]): EdgeView {
  return { url, health: events.reduce((health, event) => applyEdgeEvent(health, event, 0, 0.5), UNKNOWN_EDGE) };
}

function answered(firstByteMs: number): EdgeEvent {
  return { kind: 'answered', firstByteMs: ms(firstByteMs), totalMs: ms(firstByteMs + 50), sizeBytes: 50_000 };
}

function rank(edges: readonly EdgeView[], nowUs = 0, isNeededSoon = true): string {
  return rankEdges(edges, { nowUs, isNeededSoon })
    .map((url) => url || 'bridge')
    .join(' ');
}

const bridge = edge('');

describe('the order of edges', () => {
  it('is the manifest’s while they are near and healthy, and the bridge comes last', () => {
    expect(rank([edge('a'), edge('b'), bridge])).toBe('a b bridge');
    expect(rank([edge('a', answered(49)), edge('b', answered(1)), bridge])).toBe('a b bridge');
    expect(rank([bridge])).toBe('bridge');
    expect(rank([])).toBe('');
  });

  it('begins with the first near one, else with the last', () => {
    expect(rank([edge('a', answered(80)), edge('b', answered(20)), edge('c', answered(90)), bridge])).toBe(
      'b c a bridge',
    );
    expect(rank([edge('a', answered(60)), edge('b', answered(200)), edge('c', answered(90)), bridge])).toBe(
      'c a b bridge',
    );
  });

  it('leaves who failed to the end, in front of nobody but worse ones', () => {
    expect(rank([edge('a', FAILED), edge('b'), bridge])).toBe('b bridge a');
    expect(rank([edge('a', FAILED), edge('b', FAILED), edge('', FAILED)])).toBe('a b bridge');
    expect(rank([edge('a', FAILED), bridge], 0.4 * SECOND_US)).toBe('bridge a');
  });

  it('tries out who failed with what is not needed soon, in its old place', () => {
    const edges = [edge('a', FAILED), edge('b'), bridge];
    expect(rank(edges, SECOND_US, false)).toBe('a b bridge');
    expect(rank(edges, SECOND_US, true)).toBe('b bridge a');
  });

  it('does not ask who wants to be left alone', () => {
    const shed = edge('a', { kind: 'shed', retryAfterMs: ms(5_000) });
    expect(rank([shed, edge('b')])).toBe('b');
    expect(rank([shed])).toBe('');
    // What it asked for, and half of the first second that is added to it.
    expect(rank([shed, edge('b')], 5.5 * SECOND_US - 1)).toBe('b');
    expect(rank([shed, edge('b')], 5.5 * SECOND_US)).toBe('a b');
  });

  it('puts who answers only now and then behind the healthy', () => {
    expect(rank([edge('a', FAILED, FAILED, answered(5)), edge('b'), bridge])).toBe('a b bridge');
    const shaky = [edge('a', FAILED, FAILED, FAILED, FAILED, answered(5)), edge('b', answered(90)), edge('c'), bridge];
    expect(rank(shaky)).toBe('c b a bridge');
  });
});
