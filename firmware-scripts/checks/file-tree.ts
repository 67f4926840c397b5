/** The project as a value: rules read this and nothing else, so that a test can break one in three lines of text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource, type SourceText } from './source-text.ts';

/** Path from the project's root, with `/` → text. */
export type FileTree = ReadonlyMap<string, string>;

export interface Violation {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** One promise about the code. Pure: the same tree gives the same violations. */
export interface Rule {
  readonly name: string;
  check(tree: FileTree): Violation[];
}

const FOLDERS_LEFT_OUT = new Set(['node_modules', '.build', '.tonearm', '.git']);
/** What is text of ours; a lockfile is npm's. */
const TEXT_FILE = /(?:\.(?:ts|mjs|js|json|md|c|h|html|css|sh|arm|yml)|\/run|\.gitignore)$/;

/** @param root folder to read; symbolic links are not followed */
export function readFileTree(root: string): FileTree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !FOLDERS_LEFT_OUT.has(entry.name)) visit(path);
      else if (entry.isFile() && TEXT_FILE.test(path) && entry.name !== 'package-lock.json') {
        tree.set(path, readFileSync(join(root, path), 'utf8'));
      }
    }
  };
  visit('');
  return tree;
}

const sourcesByTree = new WeakMap<FileTree, SourceText[]>();

/** The tree's TypeScript and JavaScript files, scanned once however many rules ask. */
export function sourcesOf(tree: FileTree): readonly SourceText[] {
  const known = sourcesByTree.get(tree);
  if (known !== undefined) return known;
  const sources = [...tree]
    .filter(([path]) => /\.(?:ts|mjs|js)$/.test(path))
    .map(([path, text]) => readSource(path, text));
  sourcesByTree.set(tree, sources);
  return sources;
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}
