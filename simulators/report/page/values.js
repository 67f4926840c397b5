/** Numbers as people read them, and where a scale has its marks. Pure: the page's script and what renders it take them from here. */

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
/** Steps of a time axis, in seconds. */
const TIME_STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400],
];
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const BYTES_PER_STEP = 1_000;
const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function formatValue(value, unit) {
  if (unit === 'B') {
    const size = Math.abs(value);
    const step = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), BYTE_UNITS.length - 1);
    return `${number.format(value / BYTES_PER_STEP ** step)} ${BYTE_UNITS[step]}`;
  }
  const text = Math.abs(value) >= 1_000 ? whole.format(value) : number.format(value);
  return unit === '' ? text : `${text} ${unit}`;
}

/** `0:07.25`, `12:00`, `1:02:03`; as many decimals as tell two instants apart that lie `step` seconds from one another. */
export function formatInstant(seconds, step = 1) {
  const decimals = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
  const rounded = Number(seconds.toFixed(decimals));
  const hours = Math.floor(rounded / SECONDS_PER_HOUR);
  const minutes = Math.floor((rounded % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const rest = (rounded % SECONDS_PER_MINUTE).toFixed(decimals).padStart(decimals === 0 ? 2 : decimals + 3, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `4 h 10 min`, `12 min 5 s`, `3.2 s`. */
export function formatDuration(seconds) {
  if (seconds < SECONDS_PER_MINUTE) return `${number.format(seconds)} s`;
  const rounded = Math.round(seconds);
  const minutes = Math.floor((rounded % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const hours = Math.floor(rounded / SECONDS_PER_HOUR);
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return rounded % SECONDS_PER_MINUTE === 0 ? `${minutes} min` : `${minutes} min ${rounded % SECONDS_PER_MINUTE} s`;
}

/** Round marks of a scale that holds both values. */
export function scaleOf(low, high, marks) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= rough) ?? 10 * power;
  const from = Math.floor(low / step);
  const to = Math.max(Math.ceil(high / step), from + 1);
  // Counted, since adding fractions up drifts.
  return {
    low: from * step,
    high: to * step,
    marks: Array.from({ length: to - from + 1 }, (_, index) => (from + index) * step),
  };
}

/** Round instants in a window of time, and how far they are apart. */
export function timeMarks(from, to, most) {
  const step = TIME_STEPS.find((it) => (to - from) / it <= most) ?? TIME_STEPS.at(-1);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return { step, marks: Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step) };
}

/** The value that was last known at an instant; null before the first. */
export function valueAt(points, at) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : points[low - 1][1];
}
