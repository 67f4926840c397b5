/** When a version that is ready may take over: a pure policy. Nobody's music is interrupted for it. */

/** The pause between two records is no silence. */
const QUIET_AT_NIGHT_MS = 60_000;
/** By day somebody may only have left the room. */
const QUIET_BY_DAY_MS = 1_800_000;
/** Hours of the machine's own clock, from the first to before the second. */
const NIGHT = { from: 2, to: 6 } as const;

/** @param quietMs since something sounded last, 0 while it does; @param hour of the day, 0 to 23 */
export function isTimeToSwitch(quietMs: number, hour: number, isCritical: boolean): boolean {
  const isNight = hour >= NIGHT.from && hour < NIGHT.to;
  return quietMs >= (isNight || isCritical ? QUIET_AT_NIGHT_MS : QUIET_BY_DAY_MS);
}
