/**
 * Who may touch the process: only a `main.ts` reads the environment, catches signals and exits, and only the app's compose
 * files construct adapters. Whatever else did so could not be run twice in one process, and a simulation runs it a hundred times.
 */
import { isTest, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import { findImports, resolveImport } from './imports.ts';
import { roomOf } from './rooms.ts';
import { lineAt, type SourceText } from './source-text.ts';

const PROCESS_POWERS = /(?<![.\w$#])process\s*\.\s*(?:env|exit|exitCode|argv|kill|abort|chdir|on|once|umask)\b/g;
/** Simulators and scripts start other programs, hand them an environment and are no part of the product. */
const ROOMS_APART = new Set(['simulators', 'firmware-scripts']);
/** `compose.ts` and its parts, and the roots of worker threads, which are processes in all but name. */
const COMPOSING_FILE = /^(?:device|cloud-bridge)\/app\/(?:compose(?:-[a-z-]+)?|[a-z]+-worker)\.ts$/;

/** Functions over words, which hold nothing of the system: every config file reads its flags by them. */
const FLAG_READERS = new Set(['protocol/adapters/flags.ts', 'protocol/adapters/flag-values.ts']);

const PARTS_OF_MAIN = new Set(['protocol/adapters/program.ts', 'protocol/adapters/home-folder.ts']);

export const entryPoints: Rule = {
  name: 'entry-points',
  check(tree) {
    return sourcesOf(tree).flatMap((source) => [...processPowers(source), ...constructedAdapters(source)]);
  },
};

function processPowers(source: SourceText): Violation[] {
  const room = roomOf(source.path);
  if (room === null || ROOMS_APART.has(room) || isTest(source.path) || source.path.endsWith('/main.ts')) return [];
  return [...source.skeleton.matchAll(PROCESS_POWERS)].map((match) => ({
    path: source.path,
    line: lineAt(source.text, match.index),
    message: `${match[0]} belongs into main.ts; take it as an argument`,
  }));
}

function constructedAdapters(source: SourceText): Violation[] {
  const isApp = roomOf(source.path)?.endsWith('/app') === true;
  if (!isApp || isTest(source.path) || COMPOSING_FILE.test(source.path)) return [];
  return findImports(source).flatMap(({ specifier, line, isTypeOnly }) => {
    const target = resolveImport(source.path, specifier);
    const isAdapter = target.kind === 'file' && roomOf(target.path)?.endsWith('/adapters') === true;
    if (!isAdapter || isTypeOnly || isProgramOfMain(source.path, target.path)) return [];
    if (FLAG_READERS.has(target.path)) return [];
    return [{ path: source.path, line, message: `only compose files construct adapters (${specifier})` }];
  });
}

/** What makes a main a program stands outside of what is composed: it looks where it runs, logs and refuses before, and when composing fails. */
function isProgramOfMain(path: string, target: string): boolean {
  return path.endsWith('/main.ts') && PARTS_OF_MAIN.has(target);
}
