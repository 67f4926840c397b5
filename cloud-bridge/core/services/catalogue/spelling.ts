/** Words as the search index knows them, and how far apart two spellings are. */

/** Letters a word needs before a slip in it is forgiven: in shorter ones every word would be like every other. */
const ONE_SLIP_FROM = 4;
const TWO_SLIPS_FROM = 8;

/** A word in the form in which the index keeps it: lower case, Latin letters without accents (й is a letter of its own). */
export function foldWord(word: string): string {
  return word
    .normalize('NFD')
    .replace(/([a-z])\p{M}+/giu, '$1')
    .normalize('NFC')
    .toLowerCase();
}

/** How many slips are forgiven in a word of this length. */
export function slipsForgiven(length: number): 0 | 1 | 2 {
  return length >= TWO_SLIPS_FROM ? 2 : length >= ONE_SLIP_FROM ? 1 : 0;
}

/**
 * Slips between two words: letters that are missing, too many, wrong, or swapped with their neighbour.
 * @returns more than `most` when there are more; how many is then not worked out
 */
export function slipsBetween(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const changed = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      const shifted = Math.min(last[column] ?? 0, current[column - 1] ?? 0) + 1;
      const swapped = isSwapped ? (before[column - 2] ?? most) + 1 : most + 1;
      current.push(Math.min(changed, shifted, swapped));
    }
    if (Math.min(...current) > most && Math.min(...last) > most) return most + 1;
    before = last;
    last = current;
  }
  return last[other.length] ?? most + 1;
}
