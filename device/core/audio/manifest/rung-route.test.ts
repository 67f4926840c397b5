import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldRungs, nextRung, UP_RUN_SEGMENTS, walkRoute } from './rung-route.ts';

const SEGMENTS = 12;

/** One line a quality, the lowest first: `#` is held. */
function held(...lines: string[]): HeldRungs {
  return {
    rungCount: lines.length,
    segmentCount: SEGMENTS,
    isHeld: (rung, segment) => lines[rung]?.[segment] === '#',
  };
}

/** The quality of each segment from `from` on, as far as the walk comes. */
function readAs(shelf: HeldRungs, from: number, rung: number | null = null): string {
  let walked = '';
  for (let at = { segment: from, rung }; at.segment < SEGMENTS; ) {
    const next = nextRung(shelf, at);
    if (next === null) break;
    walked += next;
    at = { segment: at.segment + 1, rung: next };
  }
  return walked;
}

describe('the route through the qualities', () => {
  it('begins with the best that is held, and goes on in it', () => {
    expect(readAs(held('############', '############'), 3)).toBe('111111111');
    expect(readAs(held('############', '    ########'), 3)).toBe('001111111');
  });

  it('goes down where the better one ends, if the segment before is there to settle on', () => {
    expect(readAs(held('     #######', '######      '), 0)).toBe('111111000000');
    expect(readAs(held('      ######', '######      '), 0)).toBe('111111');
  });

  it('goes up where the better one lasts, and not for a patch of it', () => {
    expect(readAs(held('############', '  #######   '), 0)).toBe('000111111000');
    expect(readAs(held('############', '  ####      '), 0)).toBe('000000000000');
    expect(readAs(held('############', '       #####'), 0)).toBe('000000001111');
    expect(UP_RUN_SEGMENTS).toBe(4);
  });

  it('goes up to whatever there is where its own ends', () => {
    expect(readAs(held('####        ', '   ##       '), 0)).toBe('00001');
  });

  it('never enters a quality without the segment before, and ends only where none can follow', () => {
    const line = fc.string({ unit: fc.constantFrom('#', ' '), minLength: SEGMENTS, maxLength: SEGMENTS });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.nat(SEGMENTS - 1), (lines, from) => {
        const shelf = held(...lines);
        const walked = [...readAs(shelf, from)].map(Number);
        for (const [index, rung] of walked.entries()) {
          expect(shelf.isHeld(rung, from + index)).toBe(true);
          if (index > 0 && rung !== walked[index - 1]) expect(shelf.isHeld(rung, from + index - 1)).toBe(true);
        }
        const end = from + walked.length;
        const last = walked.at(-1) ?? null;
        expect(walkRoute(shelf, { segment: from, rung: null }, SEGMENTS)).toEqual({ segment: end, rung: last });
        if (end < SEGMENTS && last !== null) expect(shelf.isHeld(last, end)).toBe(false);
      }),
    );
  });
});
