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
  // Almost all words differ in more letters than that, whatever their order, and that costs little to see.
  const [letters, others] = [lettersIn(one), lettersIn(other)];
  if (bitsIn(letters & ~others) > most || bitsIn(others & ~letters) > most) return most + 1;
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

/** A bit for each letter; some letters share one, so that words may seem alike and never different that are not. */
function lettersIn(word: string): number {
  let bits = 0;
  for (let at = 0; at < word.length; at += 1) bits |= 1 << (word.charCodeAt(at) & 31);
  return bits;
}

function bitsIn(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count += 1;
  return count;
}
