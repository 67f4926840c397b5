import { describe, expect, it } from 'vitest';
import { opusFlags, readSourceList } from './opus-plan.ts';

describe('readSourceList', () => {
  const text = 'A = \\\na/one.c \\\na/two.c\n\nA_FLOAT = \\\nb/three.c\n\nA_FIXED = \\\nb/four.c\n';

  it('takes the files under the names that are wanted, and no others', () => {
    expect(readSourceList(text, ['A', 'A_FLOAT'])).toEqual(['a/one.c', 'a/two.c', 'b/three.c']);
    expect(readSourceList(text, ['B'])).toEqual([]);
  });
});

describe('opusFlags', () => {
  it('never multiplies and adds in one step, which would round otherwise on another board', () => {
    for (const arch of ['arm64', 'x64'] as const) {
      const flags = opusFlags('/project', arch, '/project/floor.h');
      expect(flags).toContain('-ffp-contract=off');
      expect(flags).toContain(`/project/node_modules/@discordjs/opus/deps/config/opus/linux/${arch}`);
      expect(flags.join(' ')).not.toContain('fast-math');
    }
  });
});
