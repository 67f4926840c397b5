/** A replay as a story: what came in, what today's code did with it, and where it does otherwise than then. */
import type { FlightRecord } from '#protocol/wire/flight-record';
import type { ReportEvent } from '#sim/report/run-report';
import { inputWords } from './input-words.ts';
import { Labels } from './labels.ts';
import type { ReplayOutcome } from './replay.ts';

const US_PER_S = 1_000_000;
const AT_WIDTH = 9;

/** @returns everything of it, in the order of time */
export function storyOf(record: FlightRecord, outcome: ReplayOutcome): readonly ReportEvent[] {
  const { role } = outcome;
  const untilUs = outcome.seconds * US_PER_S;
  const labels = new Labels();
  const came = record.entries.flatMap((entry) => {
    const said = entry.t <= untilUs ? inputWords(entry, labels) : null;
    return said === null ? [] : [{ at: entry.t / US_PER_S, who: role, what: said.words, kind: said.kind }];
  });
  const did = outcome.now.map(({ t, words, place }) => {
    const where = place === null ? '' : ` at ${place.toFixed(1)} s`;
    return { at: t / US_PER_S, who: role, what: `→ ${words}${where}`, kind: 'log' as const };
  });
  const differs = outcome.divergences.map(({ t, what }) => problem(t / US_PER_S, role, what));
  const broken = outcome.problems.map((what) => problem(outcome.seconds, role, what));
  // Stable: what came in at an instant stands before what it led to.
  return [...came, ...did, ...differs, ...broken].sort((left, right) => left.at - right.at);
}

/** For a terminal. */
export function storyLine({ at, what, kind }: ReportEvent): string {
  const mark = kind === 'problem' ? '!' : ' ';
  return `${at.toFixed(3).padStart(AT_WIDTH)} ${mark} ${what}`;
}

function problem(at: number, who: string, what: string): ReportEvent {
  return { at, who, what, kind: 'problem' };
}
