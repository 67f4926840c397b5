/** Begins the page: takes the run that it carries, and puts up what draws it. */
import { createChart } from './chart.js';
import { watchEventList } from './event-list.js';
import { createLanes } from './lanes.js';
import { chartsOf, faultSpans, ownersOf } from './run-parts.js';
import { createTools } from './tools.js';
import { createView } from './view.js';

const DONE_SHOWN_MS = 1_500;
const ZOOM_OUT = 1 / 2;

const text = document.querySelector('#run').textContent;
const run = JSON.parse(text);
const view = createView(run.duration);
const owners = ownersOf(run);
const trouble = {
  spans: faultSpans(run.events, run.duration),
  problems: run.events.filter(({ kind }) => kind === 'problem'),
};

const troubled = new Set([...trouble.problems, ...trouble.spans].map(({ who }) => who));
// Each has a place only where there is something to put there.
document.querySelector('#tools')?.append(createTools(view, owners, troubled));
document.querySelector('#timeline')?.append(createLanes(view, run, trouble));
document.querySelector('#charts')?.append(...chartsOf(run).map((chart) => createChart(view, chart, owners, trouble)));
if (run.events.length > 0) watchEventList(view, run);
view.point(null);

document.querySelector('#copy').addEventListener('click', async ({ currentTarget }) => {
  const command = document.querySelector('#command').textContent;
  const isCopied = await navigator.clipboard?.writeText(command).then(
    () => true,
    () => false,
  );
  // A page that was opened as a file may not write there; then the words are marked, ready to be copied by hand.
  if (isCopied !== true) getSelection().selectAllChildren(document.querySelector('#command'));
  const before = currentTarget.textContent;
  currentTarget.textContent = isCopied === true ? 'Copied' : 'Marked';
  setTimeout(() => {
    currentTarget.textContent = before;
  }, DONE_SHOWN_MS);
});
document.querySelector('#save').addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `tonearm-${run.kind}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
});
addEventListener('keydown', (event) => {
  if (event.target.matches?.('input') || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    '+': () => view.zoom(),
    '-': () => view.zoom(ZOOM_OUT),
    0: () => view.reset(),
    Escape: () => view.reset(),
  }[event.key];
  act?.();
});
// Colours are read when something is drawn.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view.look(view.from, view.to));
