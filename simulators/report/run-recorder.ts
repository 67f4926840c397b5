/**
 * Collects what a run shows of itself while it runs, and makes its report at the end. However long the run and however many
 * its speakers, it keeps no more than a report holds: lines are thinned as they grow, and of events the least telling go first.
 */
import type { Clock } from '#protocol/ports/clock';
import { assert } from '#protocol/vocabulary/result';
import {
  EVENTS_MAX,
  POINTS_MAX,
  REPORT_FORMAT,
  type ReportEvent,
  type ReportFigure,
  type RunReport,
  SERIES_MAX,
} from './run-report.ts';
import { thinSeries } from './thin-series.ts';

/** What is known before the run. */
export type RunHead = Pick<RunReport, 'kind' | 'title' | 'startedAt' | 'parameters'>;

/** Points of a line that are held before it is thinned: twice what is kept, so that it is thinned rarely. */
const POINTS_HELD_MAX = 2 * POINTS_MAX;
/** What is let go of first when there are too many events. */
const LEAST_TELLING_FIRST = ['log', 'command', 'mended', 'fault', 'problem'] as const;
const US_PER_S = 1_000_000;

interface Line {
  readonly chart: string;
  readonly who: string | null;
  readonly name: string;
  readonly unit: string;
  points: [number, number][];
}

export class RunRecorder {
  readonly #clock: Clock;
  readonly #head: RunHead;
  readonly #startUs: number;
  readonly #lines = new Map<string, Line>();
  readonly #events: Record<ReportEvent['kind'], ReportEvent[]> = {
    log: [],
    command: [],
    mended: [],
    fault: [],
    problem: [],
  };
  #figures: ReportFigure[] = [];
  #eventCount = 0;
  #eventsLeftOut = 0;
  readonly #linesLeftOut = new Set<string>();

  /** The run begins now. */
  constructor(clock: Clock, head: RunHead) {
    this.#clock = clock;
    this.#head = head;
    this.#startUs = clock.nowUs();
  }

  /** Seconds since the run began. */
  get at(): number {
    return (this.#clock.nowUs() - this.#startUs) / US_PER_S;
  }

  /** Something happened, now. */
  note(event: Omit<ReportEvent, 'at'>): void {
    this.#events[event.kind].push({ ...event, at: this.at });
    this.#eventCount += 1;
    if (this.#eventCount <= EVENTS_MAX) return;
    const kind = LEAST_TELLING_FIRST.find((it) => this.#events[it].length > 0);
    if (kind !== undefined) this.#events[kind].shift();
    this.#eventCount -= 1;
    this.#eventsLeftOut += 1;
  }

  /**
   * A line's value, now.
   * @param who null: all together
   * @param name what the line shows where a chart has several of one owner; else the chart's name
   * @param value left out where it is no number: a chart has no place for it
   */
  sample(chart: string, who: string | null, name: string, unit: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const key = JSON.stringify([chart, who, name]);
    let line = this.#lines.get(key);
    if (line === undefined) {
      if (this.#lines.size >= SERIES_MAX) {
        // Counted, and no further than would be told.
        if (this.#linesLeftOut.size < SERIES_MAX) this.#linesLeftOut.add(key);
        return;
      }
      line = { chart, who, name, unit, points: [] };
      this.#lines.set(key, line);
    }
    line.points.push([this.at, value]);
    if (line.points.length >= POINTS_HELD_MAX) line.points = thinSeries(line.points);
  }

  /** A figure of the whole run; one of that name takes the place of the one before. */
  figure(name: string, value: number, unit: string): void {
    assert(Number.isFinite(value), `the figure ${name} is a number`);
    this.#figures = [...this.#figures.filter((it) => it.name !== name), { name, value, unit }];
  }

  /** The run as it is now; asking again is harmless. */
  report(outcome: RunReport['outcome']): RunReport {
    const events = LEAST_TELLING_FIRST.flatMap((kind) => this.#events[kind]);
    const leftOut: ReportFigure[] = [
      { name: 'events left out', value: this.#eventsLeftOut, unit: '' },
      { name: 'lines left out', value: this.#linesLeftOut.size, unit: '' },
    ];
    return {
      format: REPORT_FORMAT,
      ...this.#head,
      outcome,
      duration: this.at,
      figures: [...this.#figures, ...leftOut.filter(({ value }) => value > 0)],
      series: [...this.#lines.values()].map((line) => ({ ...line, points: thinSeries(line.points) })),
      events: events.sort((left, right) => left.at - right.at),
    };
  }
}
