/** The hours in which a speaker may change over to another version, where somebody has said them: a pure value, written `02:00-05:00`. */

/** By the machine's own clock, in minutes of the day, from the first to before the second; over midnight where that is less. */
export interface UpdateWindow {
  readonly from: number;
  readonly to: number;
}

const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;
/** A speaker listens once a minute for silence; in a shorter window one song would be in the way. */
export const WINDOW_MINUTES_MIN = 15;

const WORDS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** @returns null for what is no window, or one that is too short */
export function parseUpdateWindow(text: string): UpdateWindow | null {
  const [whole, ...numbers] = WORDS.exec(text) ?? [];
  if (whole === undefined) return null;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = numbers.map(Number);
  const window = { from: fromHour * MINUTES_PER_HOUR + fromMinute, to: toHour * MINUTES_PER_HOUR + toMinute };
  return minutesFrom(window.from, window.to) >= WINDOW_MINUTES_MIN ? window : null;
}

/** @param minute of the day */
export function isInWindow({ from, to }: UpdateWindow, minute: number): boolean {
  return minutesFrom(from, minute) < minutesFrom(from, to);
}

/** Until the clock next shows it. */
function minutesFrom(from: number, to: number): number {
  return (to - from + MINUTES_PER_DAY) % MINUTES_PER_DAY;
}
