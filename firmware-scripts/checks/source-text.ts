/**
 * The text of a source file in the three forms that rules search. All three have the same length and the same line breaks,
 * so that a place found in one is the same place in the others. A scanner of our own, because the compiler in use offers no
 * syntax tree; it knows comments, strings, templates and regular expressions, which is all that could mislead a search.
 */

export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Comments blanked. */
  readonly withoutComments: string;
  /** Comments and what is inside quotes blanked; the quotes stay. */
  readonly skeleton: string;
}

/** A slash after one of these words begins a regular expression and not a division. */
const WORDS_BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'await',
  'yield',
]);

export function readSource(path: string, text: string): SourceText {
  const scanner = new Scanner(text);
  scanner.scan();
  return { path, text, withoutComments: scanner.withoutComments.join(''), skeleton: scanner.skeleton.join('') };
}

/** @returns line of a place in a text, counted from 1 */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Walks once over the text and copies it, blanking as it goes. */
class Scanner {
  readonly withoutComments: string[];
  readonly skeleton: string[];
  readonly #text: string;
  #at = 0;
  /** For each template we are inside of: how many braces are open in its current `${}`. */
  readonly #braceDepths: number[] = [];
  #lastCode = '';
  #lastWord = '';

  constructor(text: string) {
    this.#text = text;
    this.withoutComments = [...splitUnits(text)];
    this.skeleton = [...splitUnits(text)];
  }

  scan(): void {
    if (this.#text.startsWith('#!')) this.#blankComment(this.#endOfLine());
    while (this.#at < this.#text.length) this.#step();
  }

  #step(): void {
    const here = this.#text.charAt(this.#at);
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === '//') this.#blankComment(this.#endOfLine());
    else if (two === '/*') this.#blankComment(this.#after('*/'));
    else if (here === "'" || here === '"') this.#skipQuoted(here);
    else if (here === '`') this.#skipTemplate();
    else if (here === '/' && this.#isRegexAllowed()) this.#skipRegex();
    else if (here === '}' && this.#braceDepths.at(-1) === 0) {
      this.#braceDepths.pop();
      this.#skipTemplate();
    } else this.#takeCode(here);
  }

  #takeCode(here: string): void {
    const depth = this.#braceDepths.length - 1;
    if (depth >= 0 && here === '{') this.#braceDepths[depth] = (this.#braceDepths[depth] ?? 0) + 1;
    if (depth >= 0 && here === '}') this.#braceDepths[depth] = (this.#braceDepths[depth] ?? 0) - 1;
    if (/[\w$]/.test(here))
      this.#lastWord = /[\w$]/.test(this.#text.charAt(this.#at - 1)) ? this.#lastWord + here : here;
    else if (here.trim() !== '') this.#lastWord = '';
    if (here.trim() !== '') this.#lastCode = here;
    this.#at += 1;
  }

  #blankComment(end: number): void {
    this.#blank(this.withoutComments, this.#at, end);
    this.#blank(this.skeleton, this.#at, end);
    this.#at = end;
  }

  #skipQuoted(quote: string): void {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text.charAt(end) !== quote && this.#text.charAt(end) !== '\n') {
      end += this.#text.charAt(end) === '\\' ? 2 : 1;
    }
    this.#leaveLiteral(start, end, end + 1, quote);
  }

  /** From a backquote, or from the brace that ends a `${}`, to the next `${` or the closing backquote. */
  #skipTemplate(): void {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text.charAt(end) !== '`' && this.#text.slice(end, end + 2) !== '${') {
      end += this.#text.charAt(end) === '\\' ? 2 : 1;
    }
    const isExpression = this.#text.charAt(end) === '$';
    if (isExpression) this.#braceDepths.push(0);
    this.#leaveLiteral(start, end, end + (isExpression ? 2 : 1), isExpression ? '{' : '`');
  }

  #skipRegex(): void {
    const start = this.#at + 1;
    let end = start;
    let isInClass = false;
    while (end < this.#text.length && this.#text.charAt(end) !== '\n') {
      const here = this.#text.charAt(end);
      if (here === '/' && !isInClass) break;
      if (here === '[') isInClass = true;
      if (here === ']') isInClass = false;
      end += here === '\\' ? 2 : 1;
    }
    this.#leaveLiteral(start, end, end + 1, '/');
    this.#lastCode = ')';
  }

  #leaveLiteral(start: number, end: number, next: number, lastCode: string): void {
    this.#blank(this.skeleton, start, end);
    this.#at = Math.min(next, this.#text.length);
    this.#lastCode = lastCode;
    this.#lastWord = '';
  }

  #isRegexAllowed(): boolean {
    if (WORDS_BEFORE_REGEX.has(this.#lastWord)) return true;
    return this.#lastCode === '' || !/[\w$)\]}'"`]/.test(this.#lastCode);
  }

  #blank(into: string[], start: number, end: number): void {
    for (let at = start; at < end && at < into.length; at += 1) if (into[at] !== '\n') into[at] = ' ';
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end === -1 ? this.#text.length : end;
  }

  #after(closing: string): number {
    const end = this.#text.indexOf(closing, this.#at + 2);
    return end === -1 ? this.#text.length : end + closing.length;
  }
}

/** UTF-16 units, so that places agree with `indexOf`, where iterating a string would join surrogates. */
function splitUnits(text: string): string[] {
  return text.split('');
}
