/**
 * `npm run walls`: checks every rule and prints each violation as `file:line rule: message`. With `--json FILE` it leaves
 * `{kept, broken}`, which `npm test` adds to its sum.
 */
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { readFileTree } from './file-tree.ts';
import { RULES } from './rules.ts';

const { values } = parseArgs({ options: { json: { type: 'string' } } });
const tree = readFileTree(dirname(dirname(import.meta.dirname)));

let broken = 0;
for (const rule of RULES) {
  const violations = rule.check(tree);
  for (const { path, line, message } of violations) console.log(`${path}:${line} ${rule.name}: ${message}`);
  if (violations.length > 0) broken += 1;
}
const kept = RULES.length - broken;
console.log(`walls: ${kept} rules kept, ${broken} broken, ${tree.size} files`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ kept, broken }));
process.exitCode = broken === 0 ? 0 : 1;
