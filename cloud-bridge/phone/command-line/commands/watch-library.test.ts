import { describe, expect, it } from 'vitest';
import { describeChange } from './watch-library.ts';

describe('a change of the library, in a line', () => {
  it.each([
    [{ number: 1, kind: 'added', path: 'a/1.mp3', title: 'One' }, 'added    a/1.mp3'],
    [{ number: 1, kind: 'removed', path: 'a/1.mp3' }, 'removed  a/1.mp3'],
    [{ number: 1, kind: 'renamed', path: 'b.mp3', before: 'a.mp3' }, 'renamed  a.mp3 → b.mp3'],
    [{ number: 1, kind: 'failed', path: 'a.mp3', reason: 'is a letter' }, 'failed   a.mp3: is a letter'],
  ])('%j', (change, line) => {
    expect(describeChange(change)).toBe(line);
  });

  it('cannot steer the terminal', () => {
    expect(describeChange({ number: 1, kind: 'added', path: '\u001b[2Ja.mp3' })).not.toContain('\u001b');
  });
});
