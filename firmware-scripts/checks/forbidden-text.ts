/** Text that must not be in the project: paths of one machine, tests that are switched off, assertions that cannot fail. */
import { isTest, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import { lineAt, type SourceText } from './source-text.ts';

/** Folders of whoever wrote the line, which nobody else has. In pieces, so that this file keeps its own rule. */
const PRIVATE_FOLDERS = ['work', 'root'];
const PRIVATE_PATH = new RegExp(`(?<![\\w.)}*-])/(?:${PRIVATE_FOLDERS.join('|')})/[\\w.]`, 'g');
const SWITCHED_OFF = /(?<![.\w$])(?:it|test|describe)\b[\w.]*\.(?:only|skip|todo)\b/g;
const MODULE_URL = /new\s+URL\s*\([^)]*import\s*\.\s*meta\s*\.\s*url/g;

export const machinePaths: Rule = {
  name: 'machine-paths',
  check(tree) {
    return [...tree].flatMap(([path, text]) =>
      [...text.matchAll(PRIVATE_PATH)].map((match) => ({
        path,
        line: lineAt(text, match.index),
        message: `${match[0]}… is a path of one machine`,
      })),
    );
  },
};

export const honestTests: Rule = {
  name: 'honest-tests',
  check(tree) {
    return sourcesOf(tree)
      .filter(({ path }) => isTest(path))
      .flatMap((source) => [...switchedOff(source), ...expectationsWithoutMatcher(source)]);
  },
};

/** A packaged speaker finds files by string path only: inside its archive a URL leads nowhere. */
export const stringPaths: Rule = {
  name: 'string-paths',
  check(tree) {
    return sourcesOf(tree)
      .filter(({ path }) => path.startsWith('device/') || path.startsWith('protocol/'))
      .flatMap(({ path, text, skeleton }) =>
        [...skeleton.matchAll(MODULE_URL)].map((match) => ({
          path,
          line: lineAt(text, match.index),
          message: 'new URL(…, import.meta.url) fails in a packaged speaker; join paths to import.meta.dirname',
        })),
      );
  },
};

function switchedOff({ path, text, skeleton }: SourceText): Violation[] {
  return [...skeleton.matchAll(SWITCHED_OFF)].map((match) => ({
    path,
    line: lineAt(text, match.index),
    message: `${match[0]} leaves tests out`,
  }));
}

function expectationsWithoutMatcher({ path, text, skeleton }: SourceText): Violation[] {
  return [...skeleton.matchAll(/(?<![.\w$])expect\s*\(/g)].flatMap((match) => {
    const after = skeleton.slice(closingParenthesis(skeleton, match.index + match[0].length)).trimStart();
    if (after.startsWith('.')) return [];
    return [{ path, line: lineAt(text, match.index), message: 'expect(…) without a matcher cannot fail' }];
  });
}

/** @returns place after the parenthesis that closes the one just before `start` */
function closingParenthesis(text: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; at < text.length && depth > 0; at += 1) {
    if (text.charAt(at) === '(') depth += 1;
    if (text.charAt(at) === ')') depth -= 1;
  }
  return at;
}
