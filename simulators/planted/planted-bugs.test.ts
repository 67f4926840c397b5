import { describe, expect, it } from 'vitest';
import { patchText, readPatched } from './plant-bug.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

describe('planted bugs', () => {
  it('are ten, each with a name of its own', () => {
    expect(PLANTED_BUGS).toHaveLength(10);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(10);
  });

  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))(
    '%s can be planted in the source as it is',
    async (_, bug) => {
      expect(await readPatched(bug)).toContain(bug.newText);
    },
  );

  it.each([
    ['that is not there', 'nothing of it'],
    ['that is there twice', 'old and old'],
  ])('are refused for a text %s', (_, text) => {
    const bug = { name: 'bug', about: '', file: 'file.ts', oldText: 'old', newText: 'new' };
    expect(() => patchText(text, bug)).toThrow(/bug: its text stands in file.ts \d times, and not once/);
    expect(patchText('an old text', bug)).toBe('an new text');
  });
});
