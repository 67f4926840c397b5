/** The list of events, which stands in the page already: hides what is not asked for, and leads to where each happened. */
import { fits } from './run-parts.js';

/** Of the whole run, around an event that is looked up while something else is in view. */
const AROUND_PART = 0.05;

export function watchEventList(view, run) {
  const rows = [...document.querySelectorAll('#events tbody tr')];
  const boxes = [...document.querySelectorAll('#events input[type=checkbox]')];
  const count = document.querySelector('#events .count');
  const filter = () => {
    const kinds = new Set(boxes.filter(({ checked }) => checked).map(({ value }) => value));
    let seen = 0;
    for (const [index, row] of rows.entries()) {
      const { at, who, what, kind } = run.events[index];
      // Words that name somebody choose by who it is of; other words look into what is said.
      const isWanted = view.shown === null ? fits(`${who} ${what}`, view.search) : view.shown.has(who);
      row.hidden = !(kinds.has(kind) && isWanted && at >= view.from && at <= view.to);
      if (!row.hidden) seen += 1;
    }
    count.textContent = seen === rows.length ? `${seen} events` : `${seen} of ${rows.length} events`;
  };
  for (const box of boxes) box.addEventListener('change', filter);
  view.on('window', filter);
  filter();
  for (const button of document.querySelectorAll('button[data-at]')) {
    button.addEventListener('click', () => lead(view, run, Number(button.dataset.at)));
  }
}

function lead(view, run, at) {
  if (at < view.from || at > view.to) view.look(at - run.duration * AROUND_PART, at + run.duration * AROUND_PART);
  view.point(at);
  document.querySelector('#timeline').scrollIntoView();
}
