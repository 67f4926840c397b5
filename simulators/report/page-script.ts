/**
 * The script of a report's page as one text: its modules, each after those that it takes from. A page in a file of its own cannot
 * import anything, and the modules ask for little: siblings, by their own names. So joining them takes no bundler.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '#protocol/vocabulary/result';

const FOLDER = join(import.meta.dirname, 'page');
const IMPORT = /^import \{[^}]*\} from '\.\/([\w-]+\.js)';\n/gm;
const EXPORT = /^export (?=(?:async )?function |const |class )/gm;
const LEFT_OVER = /^\s*(?:import|export)\b/m;

/** @returns a script that needs nothing else; its names are its own */
export function joinPageScript(main = 'main.js', folder = FOLDER): string {
  const parts: string[] = [];
  const seen = new Set<string>();
  const add = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, sibling = ''] of source.matchAll(IMPORT)) add(sibling);
    const own = source.replace(IMPORT, '').replace(EXPORT, '');
    assert(!LEFT_OVER.test(own), `${file} imports siblings by their names, and exports what it declares`);
    parts.push(own);
  };
  add(main);
  return `'use strict';\n{\n${parts.join('\n')}}\n`;
}

/** @returns the page's style sheet, in the order in which the one rule is to win over the other */
export function readPageStyle(): string {
  return ['report.css', 'charts.css'].map((file) => readFileSync(join(FOLDER, file), 'utf8')).join('\n');
}
