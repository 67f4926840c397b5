/**
 * Text from elsewhere (titles, names, paths, messages) made safe for a terminal. A tag may hold escape sequences that
 * recolour, clear or retitle the reader's terminal, or characters that turn the line's direction around.
 */

/** Controls (C0, DEL, C1), and the marks that override the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** @returns the text on one line, each unsafe character replaced by a visible `�` */
export function printable(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}
