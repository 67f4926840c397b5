import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames } from '#protocol/vocabulary/units';
import { rampTrack } from '#sim/speakers/ramp-track';
import { nextRung, walkRoute } from '../manifest/rung-route.ts';
import { planSegments, type SegmentPlan } from '../manifest/segment-plan.ts';
import { REQUESTS_IN_FLIGHT_MAX } from './fetch-plan.ts';
import { type NextRequestView, planNextRequest } from './plan-next-request.ts';

const SEGMENTS = 20;
const RUNG = planned();

function planned(): SegmentPlan {
  const { manifest } = rampTrack(1, SEGMENTS * 48_000 - 312, { packetBytes: 10 });
  const [file] = manifest.files;
  const plan = file === undefined ? null : planSegments(file, manifest.durationFrames);
  if (plan?.ok !== true) throw new Error('a ramp can be planned');
  return plan.value;
}

type Facts = Partial<Omit<NextRequestView, 'rungs' | 'isHeld' | 'isInFlight' | 'chooseRung'>> & {
  /** One line a quality, the lowest first: `#` is held, `>` under way. */
  readonly lines: readonly string[];
  readonly chosen: number;
};

function viewOf({ lines, chosen, ...facts }: Facts): NextRequestView {
  return {
    wanted: { from: 0, to: SEGMENTS },
    reading: { segment: facts.wanted?.from ?? 0, rung: null },
    rungs: lines.map(() => RUNG),
    isHeld: (rung, segment) => lines[rung]?.[segment] === '#',
    isInFlight: (rung, segment) => lines[rung]?.[segment] === '>',
    requestsInFlight: lines.some((line) => line.includes('>')) ? 1 : 0,
    chooseRung: () => chosen,
    betterThan: () => null,
    ...facts,
  };
}

const ask = (facts: Facts) => planNextRequest(viewOf(facts));

describe('the next request', () => {
  it('begins small, and lets nothing share the link with what is to be played now', () => {
    expect(ask({ lines: ['', ''], chosen: 1 })).toEqual({ rung: 1, span: { from: 0, to: 2 } });
    expect(ask({ lines: ['', '>>'], chosen: 1 })).toBeNull();
  });

  it('goes on from what is held or under way, in the same quality', () => {
    expect(ask({ lines: ['', '###>>>'], chosen: 1 })).toEqual({ rung: 1, span: { from: 6, to: 14 } });
  });

  it('asks for one segment more where it changes the quality', () => {
    expect(ask({ lines: ['', '######'], chosen: 0 })).toEqual({ rung: 0, span: { from: 5, to: 13 } });
    expect(ask({ lines: ['     #', '######'], chosen: 0 })).toEqual({ rung: 0, span: { from: 6, to: 14 } });
  });

  it('changes the quality also where the listener waits', () => {
    const reading = { segment: 6, rung: 1 };
    const wanted = { from: 6, to: SEGMENTS };
    expect(ask({ lines: ['', '######'], chosen: 0, wanted, reading })).toEqual({ rung: 0, span: { from: 5, to: 7 } });
    expect(ask({ lines: ['     >>', '######'], chosen: 0, wanted, reading })).toBeNull();
  });

  it('asks for the one segment that leads into a better quality that is there', () => {
    expect(ask({ lines: ['####', '    ########'], chosen: 0 })).toEqual({ rung: 1, span: { from: 3, to: 4 } });
  });

  it('asks for nothing when all can be read, in whatever qualities', () => {
    expect(ask({ lines: ['########', '       #############'], chosen: 1 })).toBeNull();
  });

  it('fetches again what is poor and not heard soon, where that lasts', () => {
    const betterThan = (rung: number) => (rung === 0 ? 1 : null);
    const poor = '####################';
    expect(ask({ lines: [poor, ''], chosen: 0, betterThan })).toEqual({ rung: 1, span: { from: 9, to: 17 } });
    expect(ask({ lines: [poor, '         ########'], chosen: 0, betterThan })).toBeNull();
    expect(ask({ lines: [poor, '         #######'], chosen: 0, betterThan })).toEqual({
      rung: 1,
      span: { from: 16, to: 20 },
    });
    expect(ask({ lines: ['##############', '             #######'], chosen: 0, betterThan })).toEqual({
      rung: 1,
      span: { from: 9, to: 13 },
    });
    expect(ask({ lines: ['############', '           #########'], chosen: 0, betterThan })).toBeNull();
  });

  it('leads to the end of what is wanted, whatever is held, and never asks twice', () => {
    const line = fc.string({ unit: fc.constantFrom('#', ' '), minLength: SEGMENTS, maxLength: SEGMENTS });
    const lines = fc.array(line, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lines, fc.nat(SEGMENTS - 1), fc.infiniteStream(fc.nat(3)), (given, from, choices) => {
        const rows = given.map((row) => [...row]);
        const shelf = {
          rungCount: rows.length,
          segmentCount: SEGMENTS,
          isHeld: (rung: number, segment: number) => rows[rung]?.[segment] === '#',
        };
        const wanted = { from, to: SEGMENTS };
        for (let asked = 0; asked < SEGMENTS * 3; asked += 1) {
          const view = viewOf({ lines: rows.map((row) => row.join('')), chosen: 0, wanted });
          const chooseRung = () => (choices.next().value ?? 0) % rows.length;
          const request = planNextRequest({ ...view, chooseRung });
          if (request === null) break;
          for (let segment = request.span.from; segment < request.span.to; segment += 1) {
            expect(shelf.isHeld(request.rung, segment)).toBe(false);
            (rows[request.rung] ?? [])[segment] = '#';
          }
        }
        const start = { segment: from, rung: null };
        expect(walkRoute(shelf, start, SEGMENTS).segment).toBe(SEGMENTS);
        expect(nextRung(shelf, start)).not.toBeNull();
      }),
    );
  });

  it('keeps to its limit of requests', () => {
    expect(ask({ lines: ['##'], chosen: 0, requestsInFlight: REQUESTS_IN_FLIGHT_MAX })).toBeNull();
    expect(frames(SEGMENTS * 48_000)).toBe(RUNG.segmentCount * RUNG.file.segmentFrames);
  });
});
