/** A bench whose rows have names: those that are asked for, one after the other, and how long each took. */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { BenchOptions, Figure } from './bench.ts';

export type Rows = Readonly<Record<string, (options: BenchOptions) => Promise<readonly Figure[]>>>;

/** @throws TonearmError `input.invalid` for a row that there is not */
export async function runRows(all: Rows, options: BenchOptions): Promise<readonly Figure[]> {
  const { rows = [] } = options;
  const unknown = rows.filter((name) => all[name] === undefined);
  if (unknown.length > 0) {
    const message = `--rows: there is no row ${unknown.join(', ')}; there is ${Object.keys(all).join(', ')}`;
    throw new TonearmError('input.invalid', message, { field: '--rows' });
  }
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(all)) {
    if (rows.length > 0 && !rows.includes(name)) continue;
    const startedAt = performance.now();
    figures.push(...(await measure(options)));
    options.say(`${name} took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  }
  return figures;
}
