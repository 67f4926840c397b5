/** Collects and gives back for real: the process's own memory. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { collectHeapLater, giveBackFreed } from './trim-memory.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

function machine() {
  const clock = new VirtualClock();
  const events: string[] = [];
  const logger = createJsonLogger((line) => events.push(JSON.parse(line).event), clock, 'debug');
  return { clock, logger, events };
}

describe('trimming memory', () => {
  it('collects what nobody holds, once, and not before the start is over', async () => {
    const { clock, logger, events } = machine();
    let garbage: object | null = { big: new Array(1_000).fill(0) };
    const watched = new WeakRef(garbage);
    garbage = null;
    collectHeapLater({ clock, logger });
    await clock.advance(ms(9_000));
    expect(events).toEqual([]);
    // What a WeakRef was made of lives until the turn of the event loop in which it was made is over.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(ms(120_000));
    expect(watched.deref()).toBeUndefined();
    expect(events).toEqual(['heap.collected']);
  });

  it('gives back each minute until it is stopped', async () => {
    const { clock, logger, events } = machine();
    const givingBack = giveBackFreed({ clock, logger }, ROOT);
    await clock.advance(ms(120_000));
    expect(events).toEqual(['memory.given-back', 'memory.given-back']);
    givingBack.stop();
    expect(clock.timers()).toEqual([]);
  });

  it('does nothing where the addon is not', () => {
    const { clock, logger } = machine();
    giveBackFreed({ clock, logger }, import.meta.dirname);
    expect(clock.timers()).toEqual([]);
  });
});
