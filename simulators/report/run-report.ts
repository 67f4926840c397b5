/**
 * What a simulation leaves behind: one shape for all of them, as JSON for scripts and as a page with charts for people
 * (`render-report.ts`). A run in virtual time has no date and no machine in it, so that the same seed gives the same bytes.
 */
import * as z from 'zod/mini';

export const REPORT_FORMAT = 'tonearm.run.1';
/** Points of one line of a chart; who has more thins them (`thin-series.ts`). */
export const POINTS_MAX = 2_000;
export const SERIES_MAX = 500;
export const EVENTS_MAX = 5_000;

/** One line of a chart. */
const series = z.object({
  /** Which chart it stands in, e.g. `buffer`, `quality`, `throughput`, `position error`, `commands`, `sockets`, `memory`. */
  chart: z.string(),
  /** Whose it is, e.g. a speaker's name; null: all together. */
  who: z.nullable(z.string()),
  /** What the line shows where a chart has several of one owner, e.g. `p99`; else the chart's name. */
  name: z.string(),
  unit: z.string(),
  /** [seconds since the run began, value], in the order of time. */
  points: z.array(z.tuple([z.number(), z.number()])).check(z.maxLength(POINTS_MAX)),
});

const event = z.object({
  /** Seconds since the run began. */
  at: z.number(),
  who: z.string(),
  what: z.string(),
  kind: z.enum(['command', 'fault', 'mended', 'log', 'problem']),
});

const figure = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
});

export const runReportSchema = z.object({
  format: z.literal(REPORT_FORMAT),
  kind: z.enum(['world', 'speakers', 'phones', 'network', 'cdn', 'household', 'replay']),
  title: z.string(),
  outcome: z.enum(['passed', 'failed', 'stopped']),
  /** ISO 8601; null in virtual time. */
  startedAt: z.nullable(z.string()),
  /** Seconds, virtual ones in virtual time. */
  duration: z.number(),
  /** What it was run with, for the head of the page and to run it again. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  figures: z.array(figure),
  series: z.array(series).check(z.maxLength(SERIES_MAX)),
  events: z.array(event).check(z.maxLength(EVENTS_MAX)),
});

export type RunReport = z.infer<typeof runReportSchema>;
export type ReportSeries = RunReport['series'][number];
export type ReportEvent = RunReport['events'][number];
export type ReportFigure = RunReport['figures'][number];
