/** When a version that is ready may take over: a pure policy. Nobody's music is interrupted for it. */
import { isInWindow, type UpdateWindow } from './update-window.ts';

/** The pause between two records is no silence. */
const QUIET_AT_NIGHT_MS = 60_000;
/** By day somebody may only have left the room. */
const QUIET_BY_DAY_MS = 1_800_000;
/** 02:00 to before 06:00. */
const NIGHT: UpdateWindow = { from: 120, to: 360 };

export interface SwitchMoment {
  /** Since something sounded last, 0 while it does. */
  readonly quietMs: number;
  /** Of the day, by the machine's own clock. */
  readonly minute: number;
  readonly isCritical: boolean;
  /** As somebody has said it, for all that is not critical; null: by night sooner, by day later. */
  readonly window: UpdateWindow | null;
}

export function isTimeToSwitch({ quietMs, minute, isCritical, window }: SwitchMoment): boolean {
  if (isCritical) return quietMs >= QUIET_AT_NIGHT_MS;
  if (window !== null) return quietMs >= QUIET_AT_NIGHT_MS && isInWindow(window, minute);
  return quietMs >= (isInWindow(NIGHT, minute) ? QUIET_AT_NIGHT_MS : QUIET_BY_DAY_MS);
}
