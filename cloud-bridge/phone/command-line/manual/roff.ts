/** Man pages in roff's `man` macros, as few of them as ours need. Pure. */

export interface ManSection {
  readonly title: string;
  readonly blocks: readonly ManBlock[];
}

export type ManBlock =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  /** A term, and what it means, further in. */
  | { readonly kind: 'entry'; readonly term: string; readonly text: string }
  /** As it stands. */
  | { readonly kind: 'verbatim'; readonly lines: readonly string[] };

export interface ManPage {
  readonly name: string;
  readonly section: number;
  /** One line, without the name. */
  readonly summary: string;
  readonly sections: readonly ManSection[];
}

export function renderManPage({ name, section, summary, sections }: ManPage): string {
  const title = [name.toUpperCase(), String(section), '', 'Tonearm', 'Tonearm'].map(quoted).join(' ');
  const head = [`.TH ${title}`, '.SH NAME', `${escaped(name)} \\- ${escaped(summary)}`];
  const body = sections.flatMap(({ title: heading, blocks }) => [
    `.SH ${quoted(heading)}`,
    ...blocks.flatMap((block, place) => linesOf(block, blocks[place - 1]?.kind ?? 'heading')),
  ]);
  return `${[...head, ...body].join('\n')}\n`;
}

/** @param before what stands above it: below a heading a paragraph needs no beginning */
function linesOf(block: ManBlock, before: ManBlock['kind']): readonly string[] {
  const start = before === 'heading' ? [] : ['.PP'];
  switch (block.kind) {
    case 'paragraph':
      return [...start, escaped(block.text)];
    case 'heading':
      return [`.SS ${quoted(block.text)}`];
    case 'entry':
      return ['.TP', `.B ${quoted(block.term)}`, escaped(block.text === '' ? '\u00a0' : block.text)];
    case 'verbatim':
      return [...start, '.EX', ...block.lines.map(escaped), '.EE'];
  }
}

/** Nothing of a text is a request or an escape: dashes stay dashes, so that flags can be copied. */
function escaped(text: string): string {
  const safe = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\u00a0', '\\ ')
    .replace(/[^\n\x20-\x7e]/gu, (character) => `\\[u${hexOf(character)}]`);
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}

/** Roff reads ASCII; all else is named by its code point, four digits at least. */
function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}
