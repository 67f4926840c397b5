/** What a family does with its music in a day, as data: planned by `plan-day.ts`, played by `play-day.ts`. */

/** A day goes from six in the morning to six in the morning, so that its night is in one piece. */
export const DAY_MINUTES = 24 * 60;
const DAY_BEGINS_AT_HOUR = 6;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;

/** What a person does on a phone. Where no room is named it is about what that person plays. */
export type DayAct =
  /** @param choice 0 to below 1: which part of the library it begins with */
  | { readonly kind: 'play'; readonly room: string; readonly choice: number }
  | { readonly kind: 'handOver'; readonly room: string }
  | { readonly kind: 'volume'; readonly room: string; readonly percent: number }
  | { readonly kind: 'seek'; readonly seconds: number }
  | { readonly kind: 'queue'; readonly choice: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'back' };

export interface DayEvent {
  /** Since the day began. */
  readonly minute: number;
  readonly who: string;
  readonly act: DayAct;
}

/** @returns e.g. `07:05`, for a minute of the day that begins at six */
export function timeOfDay(minute: number): string {
  const whole = Math.floor(minute);
  const hour = (DAY_BEGINS_AT_HOUR + Math.floor(whole / MINUTES_PER_HOUR)) % HOURS_PER_DAY;
  return `${String(hour).padStart(2, '0')}:${String(whole % MINUTES_PER_HOUR).padStart(2, '0')}`;
}

/** @returns the act in words, as they follow a name: `moves the music to Kitchen` */
export function describeAct(act: DayAct): string {
  switch (act.kind) {
    case 'play':
      return `plays in ${act.room}`;
    case 'handOver':
      return `moves the music to ${act.room}`;
    case 'volume':
      return `sets ${act.room} to ${act.percent} %`;
    case 'seek':
      return `goes to ${act.seconds} s`;
    case 'queue':
      return 'puts a track next';
    case 'pause':
      return 'pauses';
    case 'resume':
      return 'goes on';
    case 'skip':
      return 'skips';
    case 'back':
      return 'goes back';
  }
}
