/** Draws a line of a chart: joined straight or in steps, with dots where it is measured only now and then. */
import { colour } from './surface.js';

const SPARSE_DOT_PX = 2.2;
/** A line with fewer points than one for so many pixels. */
const PX_PER_POINT_SPARSE = 9;

export function paintLine(context, surface, view, line, { isStepped, isAlone }) {
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
