/**
 * Each file begins with why it exists, and in the contract (vocabulary, wire, ports) every export says what it means: these are
 * read by people who write the other side. What counts: a block above it; for the export that the file is named for, the
 * file's first paragraph; for a record, documented members; for a type inferred from a schema, the schema's words.
 */
import { basename } from 'node:path/posix';
import { isTest, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import type { SourceText } from './source-text.ts';

const CONTRACT = /^(?:protocol\/(?:vocabulary|wire|ports)|device\/core\/ports|cloud-bridge\/core\/ports)\//;
const EXPORTED = /^export\s+(?:async\s+)?(?:interface|type|const|function|class)\s+([\w$]+)/;

export const docBlocks: Rule = {
  name: 'doc-blocks',
  check(tree) {
    return sourcesOf(tree)
      .filter(({ path }) => !isTest(path))
      .flatMap((source) => [
        ...missingFirstParagraph(source),
        ...(CONTRACT.test(source.path) ? bareExports(source) : []),
      ]);
  },
};

function missingFirstParagraph({ path, text }: SourceText): Violation[] {
  const body = text.replace(/^#!.*\n/, '').trimStart();
  return /^\/[*/]/.test(body)
    ? []
    : [{ path, line: 1, message: 'begins without a paragraph that says why the file exists' }];
}

function bareExports({ path, text }: SourceText): Violation[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = EXPORTED.exec(line)?.[1];
    if (name === undefined) return [];
    const above = lineAbove(lines, index);
    const isDocumented =
      above.endsWith('*/') ||
      line.includes('Infer<typeof ') ||
      kebabCase(name) === basename(path, '.ts') ||
      isParagraphDocumented(lines, index) ||
      hasDocumentedMember(lines, index);
    return isDocumented ? [] : [{ path, line: index + 1, message: `${name} is exported without a doc block` }];
  });
}

/** The line above an export; a linter's instruction between it and its block is passed over. */
function lineAbove(lines: readonly string[], index: number): string {
  const above = lines[index - 1]?.trim() ?? '';
  return above.startsWith('// biome-ignore') ? (lines[index - 2]?.trim() ?? '') : above;
}

/** A row of exports without blank lines between is one paragraph: the block above the first speaks for all. */
function isParagraphDocumented(lines: readonly string[], index: number): boolean {
  let first = index;
  while (first > 0 && (lines[first - 1]?.trim() ?? '') !== '') first -= 1;
  const opening = lines[first]?.trim() ?? '';
  return first < index && opening.startsWith('/**');
}

/** Whether a comment stands between this export and the next line that begins at the margin with a closing brace or export. */
function hasDocumentedMember(lines: readonly string[], index: number): boolean {
  for (const line of lines.slice(index + 1)) {
    if (/^\s+(?:\/\*\*|\/\/)/.test(line)) return true;
    if (/^(?:\S|$)/.test(line) && !/^[|&]/.test(line.trim())) return false;
  }
  return false;
}

/** `AudioSink` → `audio-sink`: how a file is named for its main export. */
function kebabCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
