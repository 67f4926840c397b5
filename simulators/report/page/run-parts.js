/** A run taken apart for the page: whose lines and events there are, which chart has which lines, and when what was broken. Pure. */

/** Lines of these stay as they are until they change; the others are joined straight. */
const STEPPED = new Set([
  'quality',
  'sockets',
  'speakers',
  'volume',
  'underruns',
  'sounding',
  'connected',
  'connections',
]);

/** Charts in the order in which one asks: is there sound, how good, then what it costs. Others follow as they come. */
const ORDER = [
  'buffer',
  'quality',
  'throughput',
  'position error',
  'underruns',
  'commands',
  'speakers',
  'sockets',
  'memory',
];

/** Everybody who has a line or an event, those with lines first. */
export function ownersOf(run) {
  const owners = new Set();
  for (const { who } of run.series) if (who !== null) owners.add(who);
  for (const { who } of run.events) owners.add(who);
  return [...owners];
}

/** The charts, each with its lines. */
export function chartsOf(run) {
  const charts = new Map();
  for (const line of run.series) {
    if (line.points.length === 0) continue;
    const chart = charts.get(line.chart) ?? {
      name: line.chart,
      unit: line.unit,
      isStepped: STEPPED.has(line.chart),
      lines: [],
    };
    chart.lines.push(line);
    charts.set(line.chart, chart);
  }
  const place = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...charts.values()].sort((left, right) => place(left) - place(right));
}

/**
 * From each fault to its end. One of the same owner and the same words ends it, else the owner's latest that still goes on;
 * what nothing ends goes on to the end of the run.
 */
export function faultSpans(events, duration) {
  const spans = [];
  const open = [];
  for (const { at, who, what, kind } of events) {
    if (kind === 'fault') {
      const span = { from: at, to: duration, who, what };
      spans.push(span);
      open.push(span);
    }
    if (kind !== 'mended') continue;
    const exact = open.findLastIndex((span) => span.who === who && span.what === what);
    const index = exact >= 0 ? exact : open.findLastIndex((span) => span.who === who);
    if (index >= 0) open.splice(index, 1)[0].to = at;
  }
  return spans;
}

/** Whether all words of a search are in the text. */
export function fits(text, search) {
  const plain = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => plain.includes(word));
}

/** Who is shown: those who were chosen, else those whom the search names, else all (null). */
export function shownOwners(owners, chosen, search) {
  if (chosen.size > 0) return chosen;
  if (search.trim() === '') return null;
  const named = owners.filter((who) => fits(who, search));
  return named.length === 0 ? null : new Set(named);
}

/** The middle of the lines' values at an instant, for charts with more lines than can be told apart. */
export function spread(values) {
  const sorted = values.filter((value) => value !== null).sort((left, right) => left - right);
  if (sorted.length === 0) return null;
  return { lowest: sorted[0], median: sorted[sorted.length >> 1], highest: sorted[sorted.length - 1] };
}
