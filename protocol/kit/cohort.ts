/** Which hundredth of all speakers one is in, for one rollout; speaker and bridge compute it alike. Spec 16.5. */
import type { Sha256OfText } from './update-trust.ts';

const COHORTS = 100;
/** Hexadecimal digits of four bytes. */
const DIGITS = 8;

/** @returns 0 to 99, spread evenly, the same for the same seed and id */
export function cohortOf(sha256: Sha256OfText, seed: string, id: string): number {
  return Number.parseInt(sha256(`${seed}\0${id}`).slice(0, DIGITS), 16) % COHORTS;
}
