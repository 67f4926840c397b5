/** One chart: its lines over time, and below them who has which value at the instant that is pointed at. */
import { labelTime, paintMarks, paintTrouble } from './marks.js';
import { spread } from './run-parts.js';
import { colour, createSurface, el } from './surface.js';
import { formatInstant, formatValue, scaleOf, valueAt } from './values.js';

/** More lines than that are a crowd: drawn thin, told by their spread and the one that is nearest to the pointer. */
const LINES_TOLD_MAX = 14;
const SCALE_MARKS = 3;
/** Colours there are; then they come again. */
const COLOURS = 8;
const DASHES = [[], [5, 3], [2, 2], [8, 3, 2, 3]];
const DOT_PX = 3;
const SPARSE_DOT_PX = 2.2;
/** A line with fewer points than one for so many pixels. */
const PX_PER_POINT_SPARSE = 9;
/** Room above the highest mark, for its label. */
const HEADROOM_PX = 14;

export function createChart(view, chart, owners, trouble) {
  const names = [...new Set(chart.lines.map(({ name }) => name))];
  const styleOf = ({ who, name }) => ({
    colour: who === null && names.length > 1 ? `--c${names.indexOf(name) % COLOURS}` : ownerColour(who, owners),
    dash: who === null ? [] : DASHES[names.indexOf(name) % DASHES.length],
    width: who === null ? 2.2 : 1.5,
  });
  const place = ({ who }) => (who === null ? -1 : owners.indexOf(who));
  const lines = chart.lines
    .map((line) => ({ ...line, ...styleOf(line), label: labelOf(line, names) }))
    .sort((left, right) => place(left) - place(right));
  const state = { scale: scaleOf(0, 1, SCALE_MARKS), visible: lines, pointerY: null };
  const scaleLabels = el('div', { class: 'scale', 'aria-hidden': 'true' });
  const timeLabels = el('div', { class: 'times', 'aria-hidden': 'true' });
  const legend = el('ul', { class: 'legend' });

  const surface = createSurface(view, describe(chart), paint, paintOver);
  surface.y = (value) => {
    const { low, high } = state.scale;
    return surface.height - 1 - ((value - low) / (high - low)) * (surface.height - HEADROOM_PX - 1);
  };
  surface.box.append(scaleLabels);
  surface.box.addEventListener('pointermove', (event) => {
    state.pointerY = event.clientY - surface.box.getBoundingClientRect().top;
  });

  function paint(context) {
    state.visible = lines.filter(({ who }) => view.isShown(who));
    state.scale = scaleFor(state.visible, view);
    paintTrouble(context, surface, view, trouble);
    paintMarks(context, surface, view);
    paintScale(context);
    const isCrowd = state.visible.length > LINES_TOLD_MAX;
    for (const line of state.visible) {
      context.globalAlpha = isCrowd && line.who !== null ? 0.35 : 1;
      paintLine(context, surface, view, line, { isStepped: chart.isStepped, isAlone: lines.length === 1 });
    }
    labelTime(timeLabels, surface, view);
  }

  function paintScale(context) {
    context.fillStyle = colour('--line');
    for (const mark of state.scale.marks) context.fillRect(0, Math.round(surface.y(mark)), surface.width, 1);
    scaleLabels.replaceChildren(
      ...state.scale.marks.map((mark) => {
        const label = el('span', {}, formatValue(mark, ''));
        label.style.top = `${surface.y(mark)}px`;
        return label;
      }),
    );
  }

  function paintOver(context) {
    const at = view.cursor ?? view.to;
    const told = state.visible.map((line) => ({ line, value: valueAt(line.points, at) }));
    const shown = told.length > LINES_TOLD_MAX ? nearest(told) : told;
    for (const { line, value } of view.cursor === null ? [] : shown) {
      if (value === null) continue;
      context.fillStyle = colour(line.colour);
      context.beginPath();
      context.arc(surface.x(at), surface.y(value), DOT_PX, 0, 2 * Math.PI);
      context.fill();
    }
    legend.replaceChildren(...(told.length > LINES_TOLD_MAX ? crowdLegend(told, shown) : shown.map(entry)));
  }

  function nearest(told) {
    const own = told.filter(({ line }) => line.who === null);
    const others = told.filter(({ line, value }) => line.who !== null && value !== null);
    const distance = ({ value }) => Math.abs(surface.y(value) - (state.pointerY ?? 0));
    const first = others.reduce((best, it) => (best === null || distance(it) < distance(best) ? it : best), null);
    return first === null ? own : [...own, first];
  }

  function crowdLegend(told, shown) {
    const all = spread(told.filter(({ line }) => line.who !== null).map(({ value }) => value));
    const text =
      all === null
        ? 'none has a value here'
        : ['lowest', 'median', 'highest'].map((name) => `${name} ${formatValue(all[name], chart.unit)}`).join(' · ');
    return [el('li', { class: 'crowd' }, `${told.length} lines: ${text}`), ...shown.map(entry)];
  }

  function entry({ line, value }) {
    const swatch = el('i', { class: 'swatch' });
    swatch.style.background = colour(line.colour);
    return el(
      'li',
      {},
      swatch,
      el('span', {}, line.label),
      el('b', {}, value === null ? '–' : formatValue(value, chart.unit)),
    );
  }

  const heading = el('h3', {}, chart.name, el('small', {}, chart.unit));
  return el('figure', { class: 'chart' }, el('figcaption', {}, heading), surface.box, timeLabels, legend);
}

export function ownerColour(who, owners) {
  return who === null ? '--ink' : `--c${owners.indexOf(who) % COLOURS}`;
}

function labelOf({ who, name, chart }, names) {
  if (who === null) return names.length > 1 || name !== chart ? name : 'all together';
  return names.length > 1 ? `${who}, ${name}` : who;
}

/** From zero, unless there is something below it. */
function scaleFor(lines, view) {
  let [low, high] = [0, 0];
  for (const { points } of lines) {
    const before = valueAt(points, view.from);
    for (const [at, value] of points) {
      if (at > view.to) break;
      if (at < view.from && value !== before) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return scaleOf(low, high === low ? low + 1 : high, SCALE_MARKS);
}

function paintLine(context, surface, view, line, { isStepped, isAlone }) {
  const points = pointsIn(line.points, view);
  // Of what is measured now and then each point counts, and what lies between is not known.
  const isSparse = !isStepped && points.length < surface.width / PX_PER_POINT_SPARSE;
  const alpha = context.globalAlpha;
  context.strokeStyle = colour(line.colour);
  context.fillStyle = context.strokeStyle;
  context.lineWidth = line.width;
  context.lineJoin = 'round';
  context.setLineDash(line.dash);
  const end = isStepped ? surface.x(view.to) : null;
  if (isAlone && !isSparse) shade(context, surface, points, end, alpha);
  trace(context, surface, points, end);
  if (isSparse) context.globalAlpha = alpha * 0.3;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = alpha;
  for (const [at, value] of isSparse ? points : []) {
    context.beginPath();
    context.arc(surface.x(at), surface.y(value), SPARSE_DOT_PX, 0, 2 * Math.PI);
    context.fill();
  }
}

/** The ground below a line that is alone in its chart. */
function shade(context, surface, points, end, alpha) {
  if (points.length === 0) return;
  trace(context, surface, points, end);
  context.lineTo(end ?? surface.x(points.at(-1)[0]), surface.y(0));
  context.lineTo(surface.x(points[0][0]), surface.y(0));
  context.globalAlpha = alpha * 0.1;
  context.fill();
  context.globalAlpha = alpha;
}

/** Those in the window, and the one before and after it, to which the line leads. */
function pointsIn(points, view) {
  const from = points.findLastIndex(([at]) => at < view.from);
  const to = points.findIndex(([at]) => at > view.to);
  return points.slice(Math.max(0, from), to < 0 ? points.length : to + 1);
}

/** @param end where the last value holds to, in a line of steps; null: it is none */
function trace(context, surface, points, end) {
  context.beginPath();
  let before = null;
  for (const [at, value] of points) {
    const [x, y] = [surface.x(at), surface.y(value)];
    if (before === null) context.moveTo(x, y);
    else if (end !== null) context.lineTo(x, before);
    context.lineTo(x, y);
    before = y;
  }
  if (end !== null && before !== null) context.lineTo(end, before);
}

function describe({ name, unit, lines }) {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const until = Math.max(...lines.map(({ points }) => points.at(-1)[0]));
  const count = lines.length === 1 ? 'one line' : `${lines.length} lines`;
  return `${name}: ${count} from ${formatValue(low, unit)} to ${formatValue(high, unit)}, until ${formatInstant(until)}`;
}
