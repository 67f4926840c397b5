import fc from 'fast-check';
import { expect, it } from 'vitest';
import { trackId } from '#protocol/vocabulary/ids';
import { frames, us } from '#protocol/vocabulary/units';
import { parseTrace, TRACE_BYTES } from './playback-record.ts';
import { TraceLine } from './trace-line.ts';
import { readTracePage } from './trace-page.ts';

const traces = fc.record({
  bootId: fc.option(fc.uuid(), { nil: null }),
  atUs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(us),
  generation: fc.nat(3),
  trackId: fc.constantFrom(trackId('a'.repeat(22)), trackId('b'.repeat(22))),
  positionFrames: fc.integer({ min: 0, max: 2 ** 40 }).map(frames),
});

/** What memory holds after each store into it: where a process may end. */
function watched(page: Uint8Array): { readonly bytes: Uint8Array; readonly moments: string[] } {
  const moments: string[] = [];
  const bytes = new Proxy(page, {
    set: (target, at, value) => {
      target[Number(at)] = value;
      moments.push(Buffer.from(target).toString('latin1'));
      return true;
    },
  });
  return { bytes, moments };
}

it('says of each trace in a row exactly that one, and fills the same bytes with it', () => {
  fc.assert(
    fc.property(fc.array(traces, { minLength: 1, maxLength: 20 }), (row) => {
      const bytes = new Uint8Array(TRACE_BYTES);
      const line = new TraceLine(bytes);
      for (const trace of row) {
        line.set(trace);
        expect(parseTrace(Buffer.from(bytes).toString('latin1'))).toEqual(trace);
        expect(bytes.at(-1)).toBe('\n'.charCodeAt(0));
      }
    }),
  );
});

it('says the trace before, or the new one, wherever its process ends', () => {
  fc.assert(
    fc.property(traces, traces, traces, (first, second, third) => {
      const page = new Uint8Array(2 * TRACE_BYTES);
      new TraceLine(page.subarray(0, TRACE_BYTES)).set({ ...first, atUs: us(1) });
      const { bytes, moments } = watched(page.subarray(TRACE_BYTES));
      const line = new TraceLine(bytes);
      const whole = () => readTracePage(Buffer.from(page).toString('latin1'));
      const before = () => Buffer.from(page.subarray(0, TRACE_BYTES)).toString('latin1');
      line.set({ ...second, atUs: us(2) });
      for (const moment of moments.slice(0, -1)) {
        expect(readTracePage(before() + moment)).toEqual({ ...first, atUs: us(1) });
      }
      expect(whole()).toEqual({ ...second, atUs: us(2) });
      moments.length = 0;
      new TraceLine(page.subarray(0, TRACE_BYTES)).set({ ...first, atUs: us(3) });
      line.set({ ...third, atUs: us(4) });
      for (const moment of moments.slice(0, -1)) {
        expect(readTracePage(before() + moment)).toEqual({ ...first, atUs: us(3) });
      }
      expect(whole()).toEqual({ ...third, atUs: us(4) });
    }),
    { numRuns: 30 },
  );
});

it('is nothing in a file that is cut short, or is of something else', () => {
  const page = new Uint8Array(2 * TRACE_BYTES);
  new TraceLine(page.subarray(0, TRACE_BYTES)).set({
    bootId: null,
    atUs: us(1),
    generation: 1,
    trackId: trackId('a'.repeat(22)),
    positionFrames: frames(5),
  });
  const text = Buffer.from(page).toString('latin1');
  expect(readTracePage(text)).toMatchObject({ positionFrames: 5 });
  expect(readTracePage(text.slice(0, TRACE_BYTES - 1))).toBeNull();
  expect(readTracePage(`{"atUs":1}${' '.repeat(TRACE_BYTES - 11)}\n`)).toBeNull();
  expect(readTracePage('')).toBeNull();
});

it('is taken half-way to the line that would have followed, where two were left in a row', () => {
  const ended = (first: object, second: object) => {
    const page = new Uint8Array(2 * TRACE_BYTES);
    const sound = {
      bootId: null,
      atUs: us(0),
      generation: 1,
      trackId: trackId('a'.repeat(22)),
      positionFrames: frames(0),
    };
    new TraceLine(page.subarray(0, TRACE_BYTES)).set({ ...sound, ...first });
    new TraceLine(page.subarray(TRACE_BYTES)).set({ ...sound, ...second });
    return readTracePage(Buffer.from(page).toString('latin1'))?.positionFrames;
  };
  const next = { atUs: us(80_000), positionFrames: frames(3_840) };
  expect(ended({}, next)).toBe(3_840 + 1_920);
  expect(ended(next, {})).toBe(3_840 + 1_920);
  // A seek, another track, a pause.
  expect(ended({ generation: 0 }, next)).toBe(3_840);
  expect(ended({ trackId: trackId('b'.repeat(22)) }, next)).toBe(3_840);
  expect(ended({}, { atUs: us(900_000), positionFrames: frames(3_840) })).toBe(3_840);
});
