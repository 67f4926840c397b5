/** The timeline: a lane for each who did or suffered something, with what it was as marks, and in words where one points. */
import { labelTime, paintMarks, paintTrouble } from './marks.js';
import { colour, createSurface, el } from './surface.js';
import { formatInstant } from './values.js';

/** Those with the most to tell; the others are in the list of events. */
const LANES_MAX = 16;
const LANE_PX = 30;
/** How near one has to point. */
const NEAR_PX = 9;
const TOLD_MAX = 4;
const KINDS = {
  log: { colour: '--ink-soft', draw: (context, x, y) => context.fillRect(x - 0.5, y - 5, 1.5, 10) },
  command: { colour: '--command', draw: (context, x, y) => context.fillRect(x - 1, y - 7, 2, 14) },
  mended: { colour: '--good', draw: disc },
  fault: { colour: '--fault', draw: disc },
  problem: { colour: '--trouble', draw: diamond },
};
const WEIGHT = { log: 1, command: 2, mended: 20, fault: 20, problem: 100 };

export function createLanes(view, run, trouble) {
  const lanes = lanesOf(run.events);
  const timeLabels = el('div', { class: 'times', 'aria-hidden': 'true' });
  const names = el(
    'div',
    { class: 'lane-names', 'aria-hidden': 'true' },
    ...lanes.map(({ who }) => el('span', {}, who)),
  );
  const told = el('p', { class: 'told' });
  const label = `Events of ${lanes.map(({ who }) => who).join(', ')}; the list below has them in words`;
  const surface = createSurface(view, label, paint, tell);
  surface.box.classList.add('lanes');
  surface.box.style.height = `${lanes.length * LANE_PX}px`;
  surface.box.append(names);

  function paint(context) {
    paintTrouble(context, surface, view, trouble);
    paintMarks(context, surface, view);
    for (const [index, { who, events }] of lanes.entries()) {
      const y = (index + 0.5) * LANE_PX;
      context.globalAlpha = view.isShown(who) ? 1 : 0.15;
      context.fillStyle = colour('--line');
      context.fillRect(0, (index + 1) * LANE_PX - 1, surface.width, 1);
      for (const kind of Object.keys(KINDS)) {
        context.fillStyle = colour(KINDS[kind].colour);
        for (const event of events) {
          if (event.kind === kind && event.at >= view.from && event.at <= view.to)
            KINDS[kind].draw(context, surface.x(event.at), y + 4);
        }
      }
    }
    labelTime(timeLabels, surface, view);
  }

  function tell() {
    if (view.cursor === null) {
      told.textContent = 'Point at the charts to see every value at that instant; drag to look closer.';
      return;
    }
    const near = (NEAR_PX / surface.width) * (view.to - view.from);
    const here = run.events.filter(({ at, who }) => Math.abs(at - view.cursor) <= near && view.isShown(who));
    const texts = here.slice(0, TOLD_MAX).map(({ at, who, what }) => `${formatInstant(at, near)} ${who}: ${what}`);
    if (here.length > TOLD_MAX) texts.push(`and ${here.length - TOLD_MAX} more`);
    told.textContent = texts.length > 0 ? texts.join(' · ') : `${formatInstant(view.cursor, near)}: nothing happened`;
  }

  return el('div', { class: 'timeline' }, keyOf(run.events), surface.box, timeLabels, told);
}

/** What the marks mean, of those that there are. */
function keyOf(events) {
  const kinds = Object.keys(KINDS).filter((kind) => events.some((event) => event.kind === kind));
  return el('ul', { class: 'key' }, ...kinds.map((kind) => el('li', {}, el('i', { class: `mark ${kind}` }), kind)));
}

function lanesOf(events) {
  const lanes = new Map();
  for (const event of events) {
    const lane = lanes.get(event.who) ?? { who: event.who, events: [], weight: 0 };
    lane.events.push(event);
    lane.weight += WEIGHT[event.kind];
    lanes.set(event.who, lane);
  }
  const telling = [...lanes.values()].sort((left, right) => right.weight - left.weight).slice(0, LANES_MAX);
  // In the order in which they first come, so that a run and its next one look alike.
  return [...lanes.values()].filter((lane) => telling.includes(lane));
}

function disc(context, x, y) {
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fill();
}

function diamond(context, x, y) {
  context.beginPath();
  context.moveTo(x, y - 6);
  context.lineTo(x + 6, y);
  context.lineTo(x, y + 6);
  context.lineTo(x - 6, y);
  context.fill();
}
