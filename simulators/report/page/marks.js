/** What every strip shows behind its own: the marks of time, and what was broken meanwhile. */
import { colour } from './surface.js';
import { formatInstant, timeMarks } from './values.js';

/** A label needs that much room. */
const PX_PER_MARK = 92;
const SPAN_PX_MIN = 2;
const HALF_LABEL_PX = 20;

export function marksOf(view, width) {
  return timeMarks(view.from, view.to, Math.max(2, Math.floor(width / PX_PER_MARK)));
}

export function paintMarks(context, surface, view) {
  context.fillStyle = colour('--line');
  for (const at of marksOf(view, surface.width).marks)
    context.fillRect(Math.round(surface.x(at)), 0, 1, surface.height);
}

/** Faults as shaded spans, problems as lines. */
export function paintTrouble(context, surface, view, { spans, problems }) {
  for (const { from, to, who } of spans) {
    if (to < view.from || from > view.to || !view.isShown(who)) continue;
    const x = surface.x(from);
    const width = Math.max(SPAN_PX_MIN, surface.x(to) - x);
    context.fillStyle = colour('--fault-shade');
    context.fillRect(x, 0, width, surface.height);
    context.fillStyle = colour('--fault');
    context.fillRect(x, 0, width, SPAN_PX_MIN);
  }
  context.fillStyle = colour('--trouble');
  for (const { at, who } of problems) {
    if (at >= view.from && at <= view.to && view.isShown(who))
      context.fillRect(Math.round(surface.x(at)), 0, 1.5, surface.height);
  }
}

/** The labels below a strip, as text. */
export function labelTime(list, surface, view) {
  const { step, marks } = marksOf(view, surface.width);
  list.replaceChildren(
    ...marks.map((at) => {
      const label = document.createElement('span');
      label.textContent = formatInstant(at, step);
      // The first and the last would be cut off if they stood above the middle of their mark.
      const x = Math.min(Math.max(surface.x(at), HALF_LABEL_PX), surface.width - HALF_LABEL_PX);
      label.style.left = `${(x / surface.width) * 100}%`;
      return label;
    }),
  );
}
