import { describe, expect, it } from 'vitest';
import { fileId } from '#protocol/vocabulary/ids';
import { FetchLedger, UNHEARD_SEGMENTS_MAX } from './fetch-ledger.ts';

const FILE = fileId('a'.repeat(64));

describe('bytes fetched and never heard', () => {
  it('are those of segments that were not opened', () => {
    const ledger = new FetchLedger();
    ledger.fetched(FILE, 0, 100);
    ledger.fetched(FILE, 1, 50);
    ledger.heard(FILE, 0);
    ledger.heard(FILE, 0);
    ledger.heard(FILE, 7);
    expect(ledger.unheardBytes).toBe(50);
  });

  it('count what came twice, and what is long forgotten', () => {
    const ledger = new FetchLedger();
    ledger.fetched(FILE, 0, 10);
    ledger.fetched(FILE, 0, 10);
    ledger.heard(FILE, 0);
    expect(ledger.unheardBytes).toBe(10);
    for (let segment = 1; segment <= UNHEARD_SEGMENTS_MAX + 5; segment += 1) ledger.fetched(FILE, segment, 1);
    ledger.heard(FILE, 1);
    expect(ledger.unheardBytes).toBe(10 + UNHEARD_SEGMENTS_MAX + 5);
  });
});
