/**
 * The shape every benchmark has: figures with their spread, the bar they must clear and the one we reach for, and the
 * peer measured in the same run. A bar is a number or a ratio to the peer; `holds` says which is met.
 */
import { cpus, release, totalmem } from 'node:os';

export type Bar = number | { readonly ratio: number };

export interface FigureInput {
  readonly key: string;
  readonly unit: string;
  /** One value per run, in order. */
  readonly values: readonly number[];
  readonly peer?: { readonly name: string; readonly values: readonly number[] };
  readonly must?: Bar;
  readonly reach?: Bar;
  /** Which side of a bar is good. */
  readonly better: 'lower' | 'higher';
}

export interface Figure {
  readonly key: string;
  /** Median. */
  readonly value: number;
  readonly unit: string;
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly must?: Bar;
  readonly reach?: Bar;
  /** `reach`: both bars; `must`: only that; `none`: not even that; `unbarred`: there is no bar. */
  readonly holds: 'reach' | 'must' | 'none' | 'unbarred';
}

export interface BenchReport {
  readonly name: string;
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryMb: number;
    readonly kernel: string;
    readonly node: string;
  };
  readonly figures: readonly Figure[];
}

export interface BenchOptions {
  /** One quick run of everything, to see that it works; its figures mean nothing. */
  readonly isSmoke: boolean;
  /** Of benches that have rows by name, only these; empty: all. */
  readonly rows?: readonly string[];
  /** How long to watch what has to stay as it is, by benches that do; absent: not at all. */
  readonly hours?: number;
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<readonly Figure[]>;
}

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('a median needs a value');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

export function createFigure(input: FigureInput): Figure {
  const value = medianOf(input.values);
  const peer = input.peer === undefined ? undefined : { name: input.peer.name, value: medianOf(input.peer.values) };
  return {
    key: input.key,
    value,
    unit: input.unit,
    n: input.values.length,
    min: Math.min(...input.values),
    max: Math.max(...input.values),
    ...(peer === undefined ? {} : { peer }),
    ...(input.must === undefined ? {} : { must: input.must }),
    ...(input.reach === undefined ? {} : { reach: input.reach }),
    holds: judge(value, peer?.value, input),
  };
}

function judge(value: number, peer: number | undefined, input: FigureInput): Figure['holds'] {
  if (input.must === undefined && input.reach === undefined) return 'unbarred';
  const clears = (bar: Bar | undefined) => {
    if (bar === undefined) return false;
    if (typeof bar !== 'number' && peer === undefined) throw new RangeError(`${input.key}: a ratio needs a peer`);
    const limit = typeof bar === 'number' ? bar : bar.ratio * (peer ?? Number.NaN);
    return input.better === 'lower' ? value <= limit : value >= limit;
  };
  if (input.reach !== undefined && clears(input.reach)) return 'reach';
  return clears(input.must) ? 'must' : 'none';
}

export function createReport(name: string, figures: readonly Figure[], at: Date): BenchReport {
  return {
    name,
    at: at.toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryMb: Math.round(totalmem() / 1_048_576),
      kernel: release(),
      node: process.version,
    },
    figures,
  };
}

/** A table for people. */
export function renderReport(report: BenchReport): string {
  const rows = report.figures.map((figure) => [
    figure.key,
    `${round(figure.value)} ${figure.unit}`,
    `${round(figure.min)}–${round(figure.max)}, n=${figure.n}`,
    figure.peer === undefined ? '' : `${figure.peer.name} ${round(figure.peer.value)}`,
    renderBar(figure.must),
    renderBar(figure.reach),
    figure.holds === 'unbarred' ? '' : figure.holds,
  ]);
  const table = [['figure', 'median', 'spread', 'peer', 'must', 'reach', 'holds'], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, node } = report.machine;
  return [`${report.name} — ${cores} × ${cpu}, Node ${node}, ${report.at}`, ...lines].join('\n');
}

function renderBar(bar: Bar | undefined): string {
  if (bar === undefined) return '';
  return typeof bar === 'number' ? String(bar) : `${bar.ratio} × peer`;
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, '');
}
