/**
 * A flight record run against today's code: what was decided then and now, where that differs, and which promises were
 * broken. The same record gives the same outcome to the byte: there is nothing of today's clock or machine in it.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FlightRecord } from '#protocol/wire/flight-record';
import { Timeline } from '#sim/world/timeline';
import { compareDecisions, type Divergence, FINDS_ITS_WAY_US } from './compare-decisions.ts';
import { type Decision, decisionsOf } from './decisions.ts';
import { begunEpochOf } from './epochs.ts';
import { Labels } from './labels.ts';
import { replayBridge } from './replay-bridge.ts';
import { replaySpeaker } from './replay-speaker.ts';

const US_PER_S = 1_000_000;
/** How long a speaker waits between dials follows from those before, which such a recording does not have. */
const UNKNOWN_IN_THE_MIDDLE = ['dials'];

export interface ReplayOutcome {
  readonly role: 'speaker' | 'bridge';
  /** Of the recording, as far as it was replayed; s. */
  readonly seconds: number;
  readonly then: readonly Decision[];
  readonly now: readonly Decision[];
  /** How many of then were compared: not those of the time in which today's code finds its way into the middle. */
  readonly compared: number;
  /** The first of each kind of decision, the earliest first. */
  readonly divergences: readonly Divergence[];
  /** Promises that were broken, in words. */
  readonly problems: readonly string[];
  /** What today's core logged. */
  readonly log: string;
}

/**
 * From when on decisions are compared. A speaker that begins without its bridge has waited for it for a while, and today's
 * has not: it dials at other times until it has found it.
 */
function comparedFrom({ header, entries }: FlightRecord): number {
  if (header.isWhole) return 0;
  const opened = entries.find(({ port, event }) => port === 'dialer' && event.kind === 'opened');
  const isAway = header.role === 'speaker' && opened?.t !== 0;
  return isAway ? (opened?.t ?? Number.POSITIVE_INFINITY) : FINDS_ITS_WAY_US;
}

/** @param untilS seconds of the recording; null: all of it. @throws TonearmError `input.invalid` when that is before its start */
export async function replay(record: FlightRecord, untilS: number | null = null): Promise<ReplayOutcome> {
  const { role } = record.header;
  const lastUs = record.entries.at(-1)?.t ?? 0;
  if (untilS !== null && !(untilS > 0)) {
    throw new TonearmError('input.invalid', `--until ${untilS}: more than 0 seconds of it`, { field: '--until' });
  }
  const untilUs = untilS === null ? lastUs : Math.min(lastUs, untilS * US_PER_S);
  const timelines: Timeline[] = [];
  const loggerIn = (clock: ConstructorParameters<typeof Timeline>[0]) => {
    const startUs = record.header.start.monotonicUs;
    const timeline = new Timeline({ nowUs: () => (clock.nowUs() - startUs) as ReturnType<typeof clock.nowUs> });
    timelines.push(timeline);
    return timeline.loggerOf(role);
  };
  const run = role === 'speaker' ? replaySpeaker : replayBridge;
  const { said, problems } = await run(record, { untilUs, createLogger: loggerIn });
  const labels = new Labels();
  const fromUs = comparedFrom(record);
  const terms = { role, fromUs, begunEpoch: begunEpochOf(record) };
  const then = decisionsOf(record.entries, terms, labels).filter(({ t }) => t <= untilUs);
  const now = decisionsOf(said, terms, labels);
  const span = { fromUs, toUs: untilUs, without: record.header.isWhole ? [] : UNKNOWN_IN_THE_MIDDLE };
  const divergences = compareDecisions(then, now, span);
  const log = timelines.map((timeline) => timeline.text()).join('\n');
  const compared = then.filter(({ t }) => t >= fromUs).length;
  return { role, compared, seconds: untilUs / US_PER_S, then, now, divergences, problems, log };
}
