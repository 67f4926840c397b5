/** One planted bug, found by the command as people give it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ChildProgram } from '#sim/processes/child-program';

const PROGRAM = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const FOUND_WITHIN_MS = 90_000;

it('a bug that is planted is found within a few seeds', { timeout: FOUND_WITHIN_MS }, async () => {
  const flags = ['--bug', 'answered-before-kept', '--seeds', '5', '--minutes', '5', '--sound', 'modelled'];
  const program = new ChildProgram('planted', process.execPath, [PROGRAM, 'planted', ...flags]);
  expect(await program.waitForExit(FOUND_WITHIN_MS)).toBe(0);
  expect(program.output()).toMatch(/answered-before-kept: found by seed \d after .* was answered before it was kept/);
  expect(program.output()).toContain('1 of 1 planted bugs found');
});
