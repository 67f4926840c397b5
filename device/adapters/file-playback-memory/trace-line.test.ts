import fc from 'fast-check';
import { expect, it } from 'vitest';
import { trackId } from '#protocol/vocabulary/ids';
import { frames, us } from '#protocol/vocabulary/units';
import { parseTrace, TRACE_BYTES } from './playback-record.ts';
import { TraceLine } from './trace-line.ts';

const traces = fc.record({
  bootId: fc.option(fc.uuid(), { nil: null }),
  atUs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(us),
  generation: fc.nat(3),
  trackId: fc.constantFrom(trackId('a'.repeat(22)), trackId('b'.repeat(22))),
  positionFrames: fc.integer({ min: 0, max: 2 ** 40 }).map(frames),
});

it('says of each trace in a row exactly that one, and fills the same bytes with it', () => {
  fc.assert(
    fc.property(fc.array(traces, { minLength: 1, maxLength: 20 }), (row) => {
      const line = new TraceLine();
      for (const trace of row) {
        line.set(trace);
        expect(parseTrace(line.bytes.toString('latin1'))).toEqual(trace);
        expect(line.bytes).toHaveLength(TRACE_BYTES);
        expect(line.bytes.at(-1)).toBe('\n'.charCodeAt(0));
      }
    }),
  );
});
