/** Collects and gives back for real: the process's own memory. */
import { readFileSync } from 'node:fs';
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

/** Of files that are mapped for reading or executing. */
function programKb(): number {
  const text = readFileSync('/proc/self/status', 'utf8');
  return Number(/RssFile:\s+(\d+)/.exec(text)?.[1]);
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

  it('lets go of what the start needed, and gives back each minute until it is stopped', async () => {
    const { clock, logger, events } = machine();
    const givingBack = giveBackFreed({ clock, logger }, ROOT);
    const before = programKb();
    await clock.advance(ms(20_000));
    expect(programKb()).toBeLessThan(before / 2);
    await clock.advance(ms(100_000));
    expect(events).toEqual(['memory.let-go', 'memory.given-back', 'memory.given-back']);
    // Code that is gone and is wanted again.
    expect(new Intl.NumberFormat('de').format(1_234.5)).toBe('1.234,5');
    givingBack.stop();
    expect(clock.timers()).toEqual([]);
  });

  it('does nothing where the addon is not', () => {
    const { clock, logger } = machine();
    giveBackFreed({ clock, logger }, import.meta.dirname);
    expect(clock.timers()).toEqual([]);
  });
});
