/** The entries of a flight record at their instants of the recording machine's clock, and who hears of each in virtual time. */

import { ms } from '#protocol/vocabulary/units';
import type { FlightEntry, FlightRecord } from '#protocol/wire/flight-record';
import type { VirtualClock } from '#sim/world/virtual-clock';
import type { VirtualProcess } from '#sim/world/virtual-process';

const US_PER_MS = 1_000;

export interface TimedEntry {
  readonly atUs: number;
  readonly entry: FlightEntry;
}

/** @param untilUs of the recording; what comes later is left out */
export function timedEntries({ header, entries }: FlightRecord, untilUs: number): readonly TimedEntry[] {
  const { monotonicUs } = header.start;
  return entries.filter(({ t }) => t <= untilUs).map((entry) => ({ atUs: monotonicUs + entry.t, entry }));
}

/**
 * Has `tell` hear of each at its instant, in order. Where the recorded process stood still, this one does: its timers fire
 * late by as much.
 */
export function tellInTime(
  clock: VirtualClock,
  process: VirtualProcess,
  entries: readonly TimedEntry[],
  tell: (entry: FlightEntry) => void,
): void {
  const beginUs = clock.nowUs();
  const at = (atUs: number, name: string, act: () => void) =>
    void clock.setTimer(name, ms(Math.max(0, atUs - beginUs) / US_PER_MS), act);
  for (const { atUs, entry } of entries) {
    if (entry.port !== 'clock') {
      at(atUs, 'replay.tell', () => tell(entry));
      continue;
    }
    at(atUs - entry.event.lateUs, 'replay.stall', () => process.standStill());
    at(atUs, 'replay.go-on', () => process.goOn());
  }
}
