/**
 * `ota.json` as text: one field a line, in one order, the closing brace last, since a shell script reads and writes it
 * too (`firmware-scripts/ota/slot-select`). What does not look exactly like that is torn.
 */
import type { OtaRecord, SlotName } from '#device/core/ports/slot-store';

/** Versions that are remembered as bad; a speaker gets a few a year. */
export const BAD_MAX = 16;

const RECORD =
  /^\{\n {2}"format": 1,\n {2}"good": "(a|b|factory)",\n {2}"pending": "(a|b|none)",\n {2}"tries": ([0-9]),\n {2}"candidate": "([0-9a-f]{64}|)",\n {2}"outcome": "(none|trying|good|rolled-back)",\n {2}"bad": \[((?:"[0-9a-f]{64}"(?:, (?="))?)*)\]\n\}\n$/;

/** @returns null for what is torn, or never was one */
export function parseOta(text: string): OtaRecord | null {
  const match = RECORD.exec(text);
  if (match === null) return null;
  const [, good = '', pending = '', tries = '', candidate = '', outcome = '', bad = ''] = match;
  return {
    good: good as OtaRecord['good'],
    pending: pending as OtaRecord['pending'],
    tries: Number(tries),
    candidate,
    outcome: outcome as OtaRecord['outcome'],
    bad: bad === '' ? [] : bad.split(', ').map((quoted) => quoted.slice(1, -1)),
  };
}

export function otaText({ good, pending, tries, candidate, outcome, bad }: OtaRecord): string {
  const quoted = bad.slice(-BAD_MAX).map((hash) => `"${hash}"`);
  const fields = [
    '"format": 1',
    `"good": "${good}"`,
    `"pending": "${pending}"`,
    `"tries": ${tries}`,
    `"candidate": "${candidate}"`,
    `"outcome": "${outcome}"`,
    `"bad": [${quoted.join(', ')}]`,
  ];
  return `{\n${fields.map((field) => `  ${field}`).join(',\n')}\n}\n`;
}

/** Of a speaker that has had no update. */
export const FIRST_RECORD: OtaRecord = {
  good: 'factory',
  pending: 'none',
  tries: 0,
  candidate: '',
  outcome: 'none',
  bad: [],
};

/** Where the next version goes: never where the good one is. */
export function freeSlot({ good }: OtaRecord): SlotName {
  return good === 'a' ? 'b' : 'a';
}

/**
 * As it is once a version runs that is not on trial: what was to be tried was not, as after a power cut between deciding
 * and starting, and is fetched anew, which costs nothing.
 */
export function settledRecord(record: OtaRecord, running: SlotName | 'factory'): OtaRecord {
  const { pending, outcome } = record;
  if (record.good === running && pending === 'none') return record;
  return { ...record, good: running, pending: 'none', tries: 0, outcome: outcome === 'trying' ? 'none' : outcome };
}

/** @returns the record with one more version that is not tried again */
export function withBad(record: OtaRecord, sha256: string): OtaRecord {
  return { ...record, bad: [...record.bad.filter((each) => each !== sha256), sha256].slice(-BAD_MAX) };
}
