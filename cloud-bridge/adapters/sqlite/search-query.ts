/** Turns what a person typed into a query of SQLite's full-text index that can never be malformed. */

/** Words looked for; more would only slow the search down. */
const SEARCH_WORDS_MAX = 12;
/** Letters, digits and the marks that belong to them: what the index's tokenizer keeps. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** @returns every word as a quoted prefix, all required; null when there is no word in it */
export function searchQuery(text: string): string | null {
  const words = text.match(WORD)?.slice(0, SEARCH_WORDS_MAX) ?? [];
  return words.length === 0 ? null : words.map((word) => `"${word}"*`).join(' ');
}
