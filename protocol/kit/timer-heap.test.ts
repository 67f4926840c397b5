import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimerEntry, TimerHeap } from './timer-heap.ts';

const NOTHING = () => {};

describe('timer heap', () => {
  it('gives back in order of instants, then of setting, whatever is taken out between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), dueUs: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new TimerHeap();
        const model: TimerEntry[] = [];
        for (const each of steps) {
          if (each.kind === 'add') model.push(heap.add('any', each.dueUs, NOTHING));
          else if (model.length > 0) {
            const [gone] = model.splice(each.which % model.length, 1);
            if (gone !== undefined) heap.remove(gone);
          }
          expect(heap.length).toBe(model.length);
        }
        model.sort((a, b) => a.dueUs - b.dueUs || a.order - b.order);
        expect(heap.inOrder()).toEqual(model);
        for (const expected of model) {
          expect(heap.first()).toBe(expected);
          heap.remove(expected);
        }
        expect(heap.first()).toBeUndefined();
      }),
    );
  });

  it('takes a second removal, and leaves what came to its place alone', () => {
    const heap = new TimerHeap();
    const gone = heap.add('gone', 1, NOTHING);
    const stays = heap.add('stays', 2, NOTHING);
    heap.remove(gone);
    heap.remove(gone);
    expect(heap.length).toBe(1);
    expect(heap.first()).toBe(stays);
  });
});
