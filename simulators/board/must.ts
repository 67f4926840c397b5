/** Of a trial by hand: what holds is said, and what does not ends it. */

/** @throws Error naming what does not hold */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
  console.log(`  ${what}`);
}
