/** Sines by table: several times faster than asking for each, and as exact as 16 bits can hold. */

const SIZE = 16_384;
const MASK = SIZE - 1;
const table = new Float32Array(SIZE + 1);
for (let place = 0; place <= SIZE; place += 1) table[place] = Math.sin((2 * Math.PI * place) / SIZE);

/** @param turns phase in whole turns, not below -1,000 */
export function sineOfTurns(turns: number): number {
  const place = (turns + 1_024) * SIZE;
  const whole = Math.floor(place);
  const low = table[whole & MASK] ?? 0;
  return low + ((table[(whole & MASK) + 1] ?? 0) - low) * (place - whole);
}
