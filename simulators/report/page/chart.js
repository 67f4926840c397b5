/** One chart: its lines over time, and below them who has which value at the instant that is pointed at. */
import { isCrowd, legendOf, toldOf } from './legend.js';
import { styledLines } from './line-styles.js';
import { paintLine } from './lines.js';
import { labelTime, paintMarks, paintTrouble } from './marks.js';
import { colour, createSurface, el } from './surface.js';
import { formatInstant, formatValue, scaleOf, valueAt } from './values.js';

const SCALE_MARKS = 3;
const DOT_PX = 3;
/** Of each line, where many lie over one another. */
const CROWD_ALPHA = 0.35;
/** Room above the highest mark, for its label. */
const HEADROOM_PX = 14;

export function createChart(view, chart, owners, trouble) {
  const lines = styledLines(chart, owners);
  const kind = { isStepped: chart.isStepped, isAlone: lines.length === 1 };
  const state = { scale: scaleOf(0, 1, SCALE_MARKS), visible: lines, pointerY: 0 };
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
    paintScale(context, surface, state.scale, scaleLabels);
    for (const line of state.visible) {
      context.globalAlpha = isCrowd(state.visible) && line.who !== null ? CROWD_ALPHA : 1;
      paintLine(context, surface, view, line, kind);
    }
    labelTime(timeLabels, surface, view);
  }

  function paintOver(context) {
    const at = view.cursor ?? view.to;
    const values = state.visible.map((line) => ({ line, value: valueAt(line.points, at) }));
    const told = toldOf(values, (value) => Math.abs(surface.y(value) - state.pointerY));
    if (view.cursor !== null) for (const it of told) paintDot(context, surface, at, it);
    legend.replaceChildren(...legendOf(values, told, chart.unit));
  }

  const heading = el('h3', {}, chart.name, el('small', {}, chart.unit));
  return el('figure', { class: 'chart' }, el('figcaption', {}, heading), surface.box, timeLabels, legend);
}

function paintScale(context, surface, scale, labels) {
  context.fillStyle = colour('--line');
  for (const mark of scale.marks) context.fillRect(0, Math.round(surface.y(mark)), surface.width, 1);
  labels.replaceChildren(
    ...scale.marks.map((mark) => {
      const label = el('span', {}, formatValue(mark, ''));
      label.style.top = `${surface.y(mark)}px`;
      return label;
    }),
  );
}

function paintDot(context, surface, at, { line, value }) {
  if (value === null) return;
  context.fillStyle = colour(line.colour);
  context.beginPath();
  context.arc(surface.x(at), surface.y(value), DOT_PX, 0, 2 * Math.PI);
  context.fill();
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
