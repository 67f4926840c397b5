import { describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { FLIGHT_LINE_LENGTH_MAX, parseFlightRecord } from './flight-record.ts';

const HEADER = loadGoldenVectors('flight-header').valid[0]?.text ?? '';
const entry = (t: number) => JSON.stringify({ t, port: 'network', event: { kind: 'changed' } });
const errorOf = (text: string) => {
  const parsed = parseFlightRecord(text);
  return parsed.ok ? 'read' : { code: parsed.error.code, field: parsed.error.field };
};

describe('a flight record', () => {
  it('is read line by line', () => {
    const parsed = parseFlightRecord(`${HEADER}\n${entry(0)}\n${entry(7)}\n`);
    expect(parsed).toMatchObject({ ok: true, value: { header: { role: 'speaker' }, isTorn: false } });
    expect(parsed.ok && parsed.value.entries.map(({ t }) => t)).toEqual([0, 7]);
  });

  it('may be torn at its end, and only there', () => {
    const torn = parseFlightRecord(`${HEADER}\n${entry(0)}\n${entry(7).slice(0, -4)}`);
    expect(torn).toMatchObject({ ok: true, value: { isTorn: true, entries: [{ t: 0 }] } });
    expect(errorOf(`${HEADER}\n${entry(0).slice(0, -4)}\n${entry(7)}\n`)).toEqual({
      code: 'input.invalid',
      field: '2',
    });
  });

  it('takes a last line that only lacks its line feed', () => {
    const parsed = parseFlightRecord(`${HEADER}\n${entry(3)}`);
    expect(parsed).toMatchObject({ ok: true, value: { isTorn: false, entries: [{ t: 3 }] } });
  });

  it('is refused by line and field', () => {
    expect(errorOf('')).toEqual({ code: 'input.invalid', field: '1' });
    expect(errorOf(`${HEADER.replace('speaker', 'phone')}\n`)).toEqual({ code: 'input.invalid', field: '1.role' });
    const wrong = entry(0).replace('changed', 'gone');
    expect(errorOf(`${HEADER}\n${entry(0)}\n${wrong}\n`)).toEqual({ code: 'input.invalid', field: '3.event.kind' });
    expect(errorOf(`${HEADER}\n${entry(9)}\n${entry(8)}\n`)).toEqual({ code: 'input.out-of-order', field: '3.t' });
    const long = `${HEADER}\n${' '.repeat(FLIGHT_LINE_LENGTH_MAX + 1)}\n`;
    expect(errorOf(long)).toEqual({ code: 'input.too-large', field: '2' });
  });

  it('says the line to people too', () => {
    const parsed = parseFlightRecord(`${HEADER}\n${entry(0)}\nnonsense\n`);
    expect(parsed.ok ? '' : parsed.error.message).toContain('line 3');
  });
});
