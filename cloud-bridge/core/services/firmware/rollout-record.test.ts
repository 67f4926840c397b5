import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import type { UpdateReport } from '#protocol/wire/update';
import { firmwareFigures } from './firmware-figures.ts';
import {
  EMPTY_RECORD,
  HALT_FAILURES,
  HALT_SHARE,
  isTooBad,
  parseRecord,
  tallyOf,
  withRollout,
  withWord,
} from './rollout-record.ts';

const report = (stage: UpdateReport['stage'], reason: string | null = null): UpdateReport => {
  return { running: '0.1.0', version: '0.2.0', seq: 2, stage, reason };
};
const word = (id: string, it: UpdateReport) => ({ speakerId: speakerId(id), atMs: 1, report: it });

describe('the record of rollouts', () => {
  it('is read as it was written, and begun anew where it is none', () => {
    const rolled = withRollout(EMPTY_RECORD, { version: '0.2.0', percent: percent(10), halted: null });
    const record = withWord(rolled, word('kitchen-1', report('good')));
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
    for (const text of [null, '', '{}', JSON.stringify(record).slice(1)])
      expect(parseRecord(text)).toEqual(EMPTY_RECORD);
  });

  it('counts each speaker once, by its last word', () => {
    const words = [
      word('kitchen-1', report('rolled-back')),
      word('kitchen-1', report('good')),
      word('study-01', report('waiting')),
    ];
    expect(tallyOf(words.reduce(withWord, EMPTY_RECORD), '0.2.0')).toEqual({ good: 1, failed: 0 });
  });

  it('is too bad from so many failures on, and such a share', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (good, failed) => {
        const isBoth = failed >= HALT_FAILURES && failed >= HALT_SHARE * (good + failed);
        expect(isTooBad({ good, failed })).toBe(isBoth);
      }),
    );
  });

  it('tells Prometheus what runs, how far a rollout is, and how it went', () => {
    const rolled = withRollout(EMPTY_RECORD, { version: '0.2.0', percent: percent(10), halted: null });
    const record = withWord(rolled, word('kitchen-1', report('failed', 'update.corrupt')));
    const rows = (of: typeof record) =>
      firmwareFigures(of, [{ running: '0.1.0' }, { running: '0.1.0' }]).map((it) => it.rows);
    expect(rows(record)).toEqual([
      [['version="0.1.0"', 2]],
      [['version="0.2.0"', 10]],
      [
        ['version="0.2.0",result="good"', 0],
        ['version="0.2.0",result="failed"', 1],
      ],
    ]);
    const halted = withRollout(record, { version: '0.2.0', percent: percent(10), halted: 'by-hand' });
    expect(rows(halted)[1]).toEqual([['version="0.2.0"', 0]]);
  });
});
