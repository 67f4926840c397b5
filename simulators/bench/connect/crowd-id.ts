/** The ids of a crowd's speakers, which both those who are them and those who command them know without being told. */
const DIGITS = 6;

/** @param number from 0 */
export function crowdId(number: number): string {
  return `crowd-speaker-${String(number).padStart(DIGITS, '0')}`;
}
