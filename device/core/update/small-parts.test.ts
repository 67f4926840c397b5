import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OtaRecord } from '#device/core/ports/slot-store';
import { BLOCK_BYTES, type BlockMap } from '#protocol/wire/update';
import { planFetch, RANGE_BLOCKS_MAX, spanOf } from './block-plan.ts';
import { BAD_MAX, freeSlot, otaText, parseOta, settledRecord, withBad } from './ota-text.ts';
import { isTimeToSwitch } from './switch-time.ts';
import { BRIDGE_LIMIT_MS, judgeTrial, TRIAL_LIMIT_MS, TRIAL_MS, type TrialSigns } from './trial-gate.ts';
import { isInWindow, parseUpdateWindow } from './update-window.ts';

const aHash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const aRecord: fc.Arbitrary<OtaRecord> = fc.record({
  good: fc.constantFrom('a' as const, 'b' as const, 'factory' as const),
  pending: fc.constantFrom('a' as const, 'b' as const, 'none' as const),
  tries: fc.integer({ min: 0, max: 9 }),
  candidate: fc.oneof(fc.constant(''), aHash),
  outcome: fc.constantFrom('none' as const, 'trying' as const, 'good' as const, 'rolled-back' as const),
  bad: fc.array(aHash, { maxLength: BAD_MAX }),
});

describe('ota.json', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(aRecord, (record) => {
        expect(parseOta(otaText(record))).toEqual(record);
      }),
    );
  });

  it('is torn wherever it ends early', () => {
    fc.assert(
      fc.property(aRecord, fc.nat(), (record, at) => {
        const text = otaText(record);
        expect(parseOta(text.slice(0, at % text.length))).toBeNull();
      }),
    );
  });

  it('remembers so many bad ones, the newest', () => {
    const hashes = Array.from({ length: BAD_MAX + 3 }, (_, index) => index.toString(16).padStart(64, '0'));
    const first: OtaRecord = { good: 'a', pending: 'none', tries: 0, candidate: '', outcome: 'none', bad: [] };
    expect(hashes.reduce(withBad, first).bad).toEqual(hashes.slice(3));
  });

  it('never gives the slot away that is good', () => {
    fc.assert(
      fc.property(aRecord, fc.constantFrom('a' as const, 'b' as const, 'factory' as const), (record, running) => {
        expect(freeSlot(record)).not.toBe(record.good);
        const settled = settledRecord(record, running);
        expect([settled.good, settled.pending]).toEqual([running, 'none']);
        expect(freeSlot(settled)).not.toBe(running);
      }),
    );
  });
});

describe('the plan of what is fetched', () => {
  it('asks for every missing block once, and for nothing else, in requests of bounded size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: BLOCK_BYTES }),
        fc.infiniteStream(fc.boolean()),
        (count, tail, chance) => {
          const map: BlockMap = {
            ...{ format: 1, sizeBytes: (count - 1) * BLOCK_BYTES + tail, blockBytes: BLOCK_BYTES },
            blocks: Array.from({ length: count }, () => 'a'.repeat(64)),
          };
          const isThere = map.blocks.map(() => chance.next().value === true);
          const asked = isThere.map(() => 0);
          for (const { first, span } of planFetch(map, isThere)) {
            expect(spanOf(map, first).offset).toBe(span.offset);
            expect(span.length).toBeLessThanOrEqual(RANGE_BLOCKS_MAX * BLOCK_BYTES);
            for (let at = 0; at < span.length; at += BLOCK_BYTES)
              asked[first + at / BLOCK_BYTES] = (asked[first + at / BLOCK_BYTES] ?? 0) + 1;
            expect(span.offset + span.length).toBeLessThanOrEqual(map.sizeBytes);
          }
          expect(asked).toEqual(isThere.map((it) => (it ? 0 : 1)));
        },
      ),
    );
  });
});

describe('the trial', () => {
  const fine: TrialSigns = {
    ...{ elapsedMs: TRIAL_MS, hadSink: true, hadBridge: true, hasSink: true, hasBridge: true, isNetworkDown: false },
    ...{ loopLagP99Ms: 5, aliveLooks: 9 },
  };

  it.each<[string, Partial<TrialSigns>, ReturnType<typeof judgeTrial>]>([
    ['all is as before', {}, 'good'],
    ['it is too early', { elapsedMs: TRIAL_MS - 1 }, 'wait'],
    ['the loudspeaker is gone', { hasSink: false }, 'wait'],
    ['the loudspeaker was not there before', { hasSink: false, hadSink: false }, 'good'],
    ['the loudspeaker stays away', { hasSink: false, elapsedMs: TRIAL_LIMIT_MS }, 'failed'],
    ['the bridge is not there yet', { hasBridge: false, elapsedMs: TRIAL_LIMIT_MS }, 'wait'],
    ['the bridge stays away', { hasBridge: false, elapsedMs: BRIDGE_LIMIT_MS }, 'failed'],
    ['there is no network', { hasBridge: false, isNetworkDown: true }, 'good'],
    ['there was no bridge before', { hasBridge: false, hadBridge: false }, 'good'],
    ['the event loop is late', { loopLagP99Ms: 100 }, 'wait'],
    ['the event loop stays late', { loopLagP99Ms: 100, elapsedMs: TRIAL_LIMIT_MS }, 'failed'],
    ['the audio thread has just begun to answer', { aliveLooks: 1 }, 'wait'],
  ])('when %s', (_, signs, judgement) => {
    expect(judgeTrial({ ...fine, ...signs })).toBe(judgement);
  });
});

describe('the time to switch', () => {
  it.each([
    [0, 3, true, false],
    [60_000, 3, false, true],
    [60_000, 15, false, false],
    [1_800_000, 15, false, true],
    [60_000, 15, true, true],
    [59_000, 3, true, false],
  ])('after %i ms of silence at %i o’clock, critical %s: %s', (quietMs, hour, isCritical, is) => {
    expect(isTimeToSwitch({ quietMs, minute: hour * 60, isCritical, window: null })).toBe(is);
  });

  it.each([
    ['before it', 23 * 60 + 14, 60_000, false, false],
    ['in it', 23 * 60 + 15, 60_000, false, true],
    ['in it, over midnight', 29, 60_000, false, true],
    ['in it while music plays', 29, 0, false, false],
    ['after it, however long it is silent', 30, 1_800_000, false, false],
    ['after it, where it cannot wait', 30, 60_000, true, true],
  ])('where there are hours for it: %s', (_, minute, quietMs, isCritical, is) => {
    expect(isTimeToSwitch({ quietMs, minute, isCritical, window: { from: 23 * 60 + 15, to: 30 } })).toBe(is);
  });
});

describe('the hours for it', () => {
  it.each([
    ['02:00-05:00', { from: 120, to: 300 }],
    ['23:15-00:30', { from: 1_395, to: 30 }],
    ['02:00-02:15', { from: 120, to: 135 }],
    ['02:00-02:14', null],
    ['02:00-02:00', null],
    ['2:00-5:00', null],
    ['24:00-05:00', null],
    ['02:00-05:60', null],
    ['02:00–05:00', null],
    ['', null],
  ])('%s', (text, window) => {
    expect(parseUpdateWindow(text)).toEqual(window);
  });

  it('hold as many minutes of a day as they are long', () => {
    const aMinute = fc.integer({ min: 0, max: 1_439 });
    fc.assert(
      fc.property(aMinute, fc.integer({ min: 15, max: 1_439 }), (from, length) => {
        const window = { from, to: (from + length) % 1_440 };
        const held = Array.from({ length: 1_440 }, (_, minute) => minute).filter((it) => isInWindow(window, it));
        expect(held.length).toBe(length);
        expect(held).toContain(from);
      }),
    );
  });
});
