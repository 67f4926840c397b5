/** Where functions begin and end, found by their braces once types are stripped. Approximate, and enough to count lines. */
import { stripTypeScriptTypes } from 'node:module';
import { lineAt, readSource } from './source-text.ts';

export interface FunctionSpan {
  /** Line of the opening brace, counted from 1. */
  readonly line: number;
  /** Lines from brace to brace, without those of the functions inside. */
  readonly ownLines: number;
}

/** What takes parentheses and a block without being a function. */
const BLOCK_WORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await']);

/** @throws SyntaxError when the text is not TypeScript */
export function findFunctions(path: string, text: string): FunctionSpan[] {
  const isTypeScript = path.endsWith('.ts');
  const { skeleton } = readSource(path, isTypeScript ? stripTypeScriptTypes(text) : text);
  const open: { readonly line: number; readonly isFunction: boolean; innerLines: number }[] = [];
  const found: FunctionSpan[] = [];
  for (const match of skeleton.matchAll(/[{}]/g)) {
    const line = lineAt(skeleton, match.index);
    if (match[0] === '{') {
      open.push({ line, isFunction: opensFunction(skeleton.slice(0, match.index).trimEnd()), innerLines: 0 });
      continue;
    }
    const block = open.pop();
    if (block === undefined) continue;
    const lines = line - block.line + 1;
    if (block.isFunction) found.push({ line: block.line, ownLines: lines - block.innerLines });
    const outer = open.at(-1);
    if (outer !== undefined) outer.innerLines += block.isFunction ? lines : block.innerLines;
  }
  return found;
}

/** @param before everything up to the brace */
function opensFunction(before: string): boolean {
  if (before.endsWith('=>')) return true;
  if (!before.endsWith(')')) return false;
  let depth = 0;
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const here = before.charAt(at);
    if (here === ')') depth += 1;
    if (here === '(') depth -= 1;
    if (depth === 0) {
      const word = /([\w$]+)\s*$/.exec(before.slice(0, at))?.[1] ?? '';
      return !BLOCK_WORDS.has(word);
    }
  }
  return false;
}
