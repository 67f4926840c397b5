/**
 * A run's report as one page that needs nothing but itself: no network, nothing from elsewhere. What it says in words is in
 * its HTML; the charts are drawn from the JSON that it carries. Its policy lets no other script run than its own.
 */
import { createHash } from 'node:crypto';
import { formatDuration, formatInstant, formatValue } from './page/values.js';
import { joinPageScript, readPageStyle } from './page-script.ts';
import { rerunCommand } from './rerun-command.ts';
import type { ReportEvent, ReportFigure, RunReport } from './run-report.ts';

/** Problems named at the top; all are in the list of events. */
const PROBLEMS_SHOWN_MAX = 8;
/** Figures that are bad news unless they are zero. */
const BAD_NEWS = /problem|failed|broken|lost|left out/;
const KINDS: readonly (readonly [ReportEvent['kind'], string])[] = [
  ['problem', 'problems'],
  ['fault', 'faults'],
  ['mended', 'mended'],
  ['command', 'commands'],
  ['log', 'logs'],
];
const HINT =
  '<footer><p>Drag over a chart to look closer, double-click to see all of it again. Keys: + − 0, and the slider for an instant.</p></footer>';
const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Ccircle cx=%228%22 cy=%228%22 r=%228%22 fill=%22%2326211c%22/%3E%3Ccircle cx=%228%22 cy=%228%22 r=%223%22 fill=%22%23b23c0c%22/%3E%3C/svg%3E';

/** @returns the page, as HTML; nothing in a name, a title or a parameter of the run is taken for markup */
export function renderReport(report: RunReport): string {
  const [style, script] = [readPageStyle(), joinPageScript()];
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; img-src data:`;
  const title = escapeHtml(report.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title} · ${report.outcome}</title>
<link rel="icon" href="${ICON}">
<style>${style}</style>
</head>
<body>
${report.series.length === 0 ? '' : '<a class="skip" href="#charts">To the charts</a>'}
${renderHead(report)}
<main>
${renderProblems(report.events)}
${renderDrawn(report)}
${renderEvents(report.events)}
</main>
${isDrawn(report) ? HINT : ''}
<script type="application/json" id="run">${JSON.stringify(report).replaceAll('<', '\\u003c')}</script>
<script>${script}</script>
</body>
</html>
`;
}

function renderHead(report: RunReport): string {
  const { kind, title, outcome, startedAt, duration, figures } = report;
  const facts = [
    `<span class="outcome ${outcome}">${outcome}</span>`,
    `<span>${escapeHtml(formatDuration(duration))}${startedAt === null ? ' of virtual time' : ''}</span>`,
    ...(startedAt === null
      ? []
      : [`<time datetime="${escapeHtml(startedAt)}">${escapeHtml(dateOf(startedAt))}</time>`]),
  ];
  return `<header>
<p class="kind">tonearm simulate ${kind}</p>
<h1>${escapeHtml(title)}</h1>
<p class="facts">${facts.join('')}</p>
<div class="again"><code id="command">${escapeHtml(rerunCommand(report))}</code>
<button type="button" id="copy">Copy</button><button type="button" id="save">Save the JSON</button></div>
${figures.length === 0 ? '' : `<dl class="tiles">${figures.map(renderFigure).join('')}</dl>`}
</header>`;
}

/** Where the script draws; nothing where there is nothing to draw. */
function renderDrawn({ events, series }: Pick<RunReport, 'events' | 'series'>): string {
  if (!isDrawn({ events, series })) return '';
  const timeline = '<h2>What happened</h2>\n<section id="timeline" aria-label="What happened"></section>';
  const charts = '<h2>Over time</h2>\n<section id="charts" aria-label="Over time"></section>';
  return `<div id="tools"></div>
${events.length === 0 ? '' : timeline}
${series.length === 0 ? '' : charts}`;
}

function isDrawn({ events, series }: Pick<RunReport, 'events' | 'series'>): boolean {
  return events.length > 0 || series.length > 0;
}

function renderFigure({ name, value, unit }: ReportFigure): string {
  const [number = '', ...rest] = formatValue(value, unit).split(' ');
  const isBad = value > 0 && BAD_NEWS.test(name);
  const shown = `${escapeHtml(number)}<small>${escapeHtml(rest.join(' '))}</small>`;
  return `<div${isBad ? ' class="bad"' : ''}><dt>${escapeHtml(name)}</dt><dd>${shown}</dd></div>`;
}

function renderProblems(events: readonly ReportEvent[]): string {
  const problems = events.filter(({ kind }) => kind === 'problem');
  if (problems.length === 0) return '';
  const items = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ at, who, what }) => `<li>${instantButton(at)} ${escapeHtml(who)}: ${escapeHtml(what)}</li>`);
  const more = problems.length - items.length;
  const rest = more > 0 ? `<li>and ${more} more, in the list of events</li>` : '';
  const title = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return `<section class="problems"><h2>${title}</h2><ul>${items.join('')}${rest}</ul></section>`;
}

function renderEvents(events: readonly ReportEvent[]): string {
  if (events.length === 0) return '';
  const boxes = KINDS.flatMap(([kind, label]) => {
    const count = events.filter((event) => event.kind === kind).length;
    return count === 0 ? [] : [`<label><input type="checkbox" value="${kind}" checked> ${label} (${count})</label>`];
  });
  const rows = events.map(
    ({ at, who, what, kind }) =>
      `<tr class="${kind}"><td>${instantButton(at)}</td><td>${escapeHtml(who)}</td><td>${escapeHtml(what)}</td></tr>`,
  );
  return `<section id="events">
<h2>Events</h2>
<div class="kinds">${boxes.join('')}<span class="count" aria-live="polite"></span></div>
<table><thead><tr><th scope="col">At</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>
</section>`;
}

function instantButton(at: number): string {
  return `<button type="button" data-at="${at}" title="Show it in the charts">${formatInstant(at, 0.01)}</button>`;
}

/** `2026-11-22T10:32:11.000Z` → `2026-11-22 10:32 UTC`. */
function dateOf(startedAt: string): string {
  return startedAt.replace(/^(.{10})T(\d\d:\d\d).*$/, '$1 $2 UTC');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
