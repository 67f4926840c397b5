/** Traces are read as they are written, and bad ones are refused by the place that is wrong. */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { parseTrace, TRACE_CHARACTERS_MAX } from './trace.ts';

const RIDE = JSON.stringify([
  { duration_ms: 1_000, bandwidth_kbps: 300, latency_ms: 80 },
  { duration_ms: 500, bandwidth_kbps: 0 },
  { duration_ms: 2_500.5, bandwidth_kbps: 4_000.25, latency_ms: 0, note: 'others write more, which is not read' },
]);

describe('a network trace', () => {
  it('says what its link carries at every time, and begins again at its end', () => {
    const trace = parseTrace(RIDE, 'ride.json');
    expect(trace.duration).toBe(4_000.5);
    const kbpsAt = [0, 999, 1_000, 1_499, 1_500, 4_000, 4_000.5, 5_001].map((at) => trace.at(ms(at)).bandwidth_kbps);
    expect(kbpsAt).toEqual([300, 300, 0, 0, 4_000.25, 4_000.25, 300, 0]);
    expect(trace.at(ms(0)).latency_ms).toBe(80);
    expect(trace.at(ms(1_200)).latency_ms).toBeUndefined();
  });

  it('says when what holds now ends, also in a later round', () => {
    const trace = parseTrace(RIDE, 'ride.json');
    expect([0, 1_000, 1_500, 4_000.5].map((at) => trace.endOfStretch(ms(at)))).toEqual([
      1_000, 1_500, 4_000.5, 5_000.5,
    ]);
  });

  it.each([
    ['not JSON', '[{', ''],
    ['no list', '{}', ''],
    ['no stretch', '[]', ''],
    ['a stretch without a length', '[{"bandwidth_kbps":1}]', '0.duration_ms'],
    [
      'a stretch of no length',
      '[{"duration_ms":1,"bandwidth_kbps":1},{"duration_ms":0,"bandwidth_kbps":1}]',
      '1.duration_ms',
    ],
    ['less than nothing', '[{"duration_ms":1,"bandwidth_kbps":-1}]', '0.bandwidth_kbps'],
    ['no number', '[{"duration_ms":1,"bandwidth_kbps":"4g"}]', '0.bandwidth_kbps'],
    ['a latency of years', '[{"duration_ms":1,"bandwidth_kbps":1,"latency_ms":1e12}]', '0.latency_ms'],
  ])('with %s is refused by name', (_, text, field) => {
    const thrown = errorOf(() => parseTrace(text, 'bad.json'));
    expect(thrown).toMatchObject({ code: 'input.invalid' });
    expect(thrown.message).toContain(field === '' ? 'bad.json' : `bad.json at ${field}`);
  });

  it('that is too long is refused before it is read', () => {
    expect(errorOf(() => parseTrace(' '.repeat(TRACE_CHARACTERS_MAX + 1), 'long.json'))).toMatchObject({
      code: 'input.too-large',
    });
  });
});

function errorOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
