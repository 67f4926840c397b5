/**
 * How long files and functions may be. What is hard to read in good code bases is all in the tail, so the tail is what has a
 * limit. An exception is an entry here with its reason; a file that has shrunk again must lose its entry.
 */
import { type FileTree, isTest, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import { findFunctions } from './function-spans.ts';

/** Lines above which a file needs a reason. */
export const FILE_LINES_WITH_REASON = 400;
/** Lines that no file has. */
export const FILE_LINES_MAX = 600;
/** Own lines of a function (those of functions inside it count for those). */
export const FUNCTION_LINES_MAX = 60;

/** Path → why it is longer than 400 lines. */
export const LONG_FILES: Readonly<Record<string, string>> = {};

/** Path → why it has functions longer than 60 lines. */
export const LONG_FUNCTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  ['kitchen-window', 'needle-down', 'paper-lanterns', 'run-out-groove', 'skylight-rain', 'stairwell-rooftop'].map(
    (piece) => [
      `simulators/music/pieces/${piece}.ts`,
      'a score: one piece from its first bar to its last, and read in that order',
    ],
  ),
);

export interface BudgetExceptions {
  readonly files: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
}

export const budgets: Rule = createBudgets({ files: LONG_FILES, functions: LONG_FUNCTIONS });

export function createBudgets(exceptions: BudgetExceptions): Rule {
  return {
    name: 'budgets',
    check(tree) {
      return [...checkFiles(tree, exceptions), ...checkFunctions(tree, exceptions)];
    },
  };
}

function checkFiles(tree: FileTree, exceptions: BudgetExceptions): Violation[] {
  const violations = sourcesOf(tree).flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    if (lines > FILE_LINES_MAX)
      return [{ path, line: lines, message: `${lines} lines; no file has more than ${FILE_LINES_MAX}` }];
    const isExcused = Object.hasOwn(exceptions.files, path);
    if (lines > FILE_LINES_WITH_REASON && !isExcused) {
      return [
        {
          path,
          line: lines,
          message: `${lines} lines; above ${FILE_LINES_WITH_REASON} it needs a reason in budgets.ts`,
        },
      ];
    }
    if (lines <= FILE_LINES_WITH_REASON && isExcused) {
      return [{ path, line: 1, message: 'short again: remove its entry from LONG_FILES in budgets.ts' }];
    }
    return [];
  });
  return [...violations, ...staleEntries(tree, exceptions.files)];
}

function checkFunctions(tree: FileTree, exceptions: BudgetExceptions): Violation[] {
  const violations = sourcesOf(tree)
    .filter(({ path }) => !isTest(path) && !Object.hasOwn(exceptions.functions, path))
    .flatMap(({ path, text }) => longFunctions(path, text));
  return [...violations, ...staleEntries(tree, exceptions.functions)];
}

function longFunctions(path: string, text: string): Violation[] {
  try {
    return findFunctions(path, text)
      .filter(({ ownLines }) => ownLines > FUNCTION_LINES_MAX)
      .map(({ line, ownLines }) => ({
        path,
        line,
        message: `a function of ${ownLines} lines; at most ${FUNCTION_LINES_MAX}`,
      }));
  } catch (thrown) {
    return [{ path, line: 1, message: `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}` }];
  }
}

function staleEntries(tree: FileTree, entries: Readonly<Record<string, string>>): Violation[] {
  return Object.keys(entries)
    .filter((path) => !tree.has(path))
    .map((path) => ({ path, line: 1, message: 'is excused in budgets.ts and does not exist' }));
}
