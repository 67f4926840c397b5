/**
 * A run's report as one page that needs nothing but itself: no network, nothing from elsewhere. What it says in words is in
 * its HTML; the charts are drawn from the JSON that it carries.
 */
import { rerunCommand } from './rerun-command.ts';
import type { RunReport } from './run-report.ts';

/** @returns the page, as HTML; nothing in a name, a title or a parameter of the run is taken for markup */
export function renderReport(report: RunReport): string {
  const figures = report.figures.map(
    ({ name, value, unit }) => `<dt>${escapeHtml(name)}</dt><dd>${value} ${escapeHtml(unit)}</dd>`,
  );
  const events = report.events.map(
    ({ at, who, what, kind }) => `<li class="${kind}">${at} ${escapeHtml(who)}: ${escapeHtml(what)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(report.title)}</title>
<h1>${escapeHtml(report.title)}: ${report.outcome}</h1>
<pre>${escapeHtml(rerunCommand(report))}</pre>
<dl>${figures.join('')}</dl>
<ol>${events.join('')}</ol>
<script type="application/json" id="run">${JSON.stringify(report).replaceAll('<', '\\u003c')}</script>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
