import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { AFTER_HELP } from './program.ts';

describe('exit codes', () => {
  it.each([
    ['connect.unreachable', 3],
    ['fetch.timed-out', 3],
    ['access.host-refused', 4],
    ['access.rate-limited', 1],
    ['input.invalid', 2],
    ['session.no-next-track', 1],
    ['fetch.unexpected-answer', 1],
    ['internal.bug', 1],
  ] as const)('%s gives %i', (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });

  it('are all in the README, and in --help but for the shell’s own', () => {
    const readme = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
    for (const code of Object.values(EXIT_CODES)) {
      expect(readme).toMatch(new RegExp(`^\\| ${code} +\\| `, 'm'));
      if (code < 128) expect(AFTER_HELP).toMatch(new RegExp(`[ ·]${code} [a-z]`));
    }
  });
});
