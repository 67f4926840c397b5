/** Who has which value at the instant that is pointed at, below a chart. */
import { spread } from './run-parts.js';
import { colour, el } from './surface.js';
import { formatValue } from './values.js';

/** More lines than that are a crowd: drawn thin, told by their spread and the one that is nearest to the pointer. */
const LINES_TOLD_MAX = 14;

export function isCrowd(lines) {
  return lines.length > LINES_TOLD_MAX;
}

/** Of a crowd those of all together, and the one that is nearest. @param distanceOf a value, to the pointer */
export function toldOf(values, distanceOf) {
  if (!isCrowd(values)) return values;
  const own = values.filter(({ line }) => line.who === null);
  const others = values.filter(({ line, value }) => line.who !== null && value !== null);
  const closer = (best, it) => (best === null || distanceOf(it.value) < distanceOf(best.value) ? it : best);
  const nearest = others.reduce(closer, null);
  return nearest === null ? own : [...own, nearest];
}

/** @returns what stands in the legend */
export function legendOf(values, told, unit) {
  const entries = told.map((it) => entry(it, unit));
  return isCrowd(values) ? [crowd(values, unit), ...entries] : entries;
}

function crowd(values, unit) {
  const all = spread(values.filter(({ line }) => line.who !== null).map(({ value }) => value));
  const parts = ['lowest', 'median', 'highest'];
  const text =
    all === null ? 'none has a value here' : parts.map((name) => `${name} ${formatValue(all[name], unit)}`).join(' · ');
  return el('li', { class: 'crowd' }, `${values.length} lines: ${text}`);
}

function entry({ line, value }, unit) {
  const swatch = el('i', { class: 'swatch' });
  swatch.style.background = colour(line.colour);
  return el('li', {}, swatch, el('span', {}, line.label), el('b', {}, value === null ? '–' : formatValue(value, unit)));
}
