/** Collects for real: the process's own heap. */
import { describe, expect, it } from 'vitest';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { trimHeapLater } from './trim-heap-later.ts';

describe('trimming the heap', () => {
  it('collects what nobody holds, once, and not before the start is over', async () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const logger = createJsonLogger((line) => lines.push(line), clock, 'debug');
    let garbage: object | null = { big: new Array(1_000).fill(0) };
    const watched = new WeakRef(garbage);
    garbage = null;
    trimHeapLater({ clock, logger });
    await clock.advance(ms(9_000));
    expect(lines).toEqual([]);
    // What a WeakRef was made of lives until the turn of the event loop in which it was made is over.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms(120_000));
    expect(watched.deref()).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['heap.trimmed']);
  });
});
