/** Every promise about the code that a machine can keep, in the order in which they are reported. */
import { ambientPowers } from './ambient-powers.ts';
import { budgets } from './budgets.ts';
import { directions } from './directions.ts';
import { docBlocks } from './doc-blocks.ts';
import { entryPoints } from './entry-points.ts';
import type { Rule } from './file-tree.ts';
import { honestTests, machinePaths, stringPaths } from './forbidden-text.ts';
import { importRings } from './import-rings.ts';
import { projectReferences } from './project-references.ts';

export const RULES: readonly Rule[] = [
  projectReferences,
  directions,
  importRings,
  entryPoints,
  ambientPowers,
  budgets,
  docBlocks,
  stringPaths,
  machinePaths,
  honestTests,
];
