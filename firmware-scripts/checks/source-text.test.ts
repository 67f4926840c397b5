import { describe, expect, it } from 'vitest';
import { lineAt, readSource } from './source-text.ts';

function skeletonOf(text: string): string {
  return readSource('a.ts', text).skeleton;
}

describe('readSource', () => {
  it.each([
    ['a // b\nc', 'a     \nc'],
    ['a /* b\n * c */ d', 'a     \n        d'],
    ["x = '/* a */' + 1", "x = '       ' + 1"],
    ["x = 'it\\'s' // y", "x = '     '     "],
    ['x = `a ${b + `c ${d}` } e` + f', 'x = `  ${b + `  ${d}` }  ` + f'],
    ['x = `${ { a: 1 } }` // y', 'x = `${ { a: 1 } }`     '],
    ['x = /[/"]/.test(y) // z', 'x = /    /.test(y)     '],
    ['return /"/.exec(y)', 'return / /.exec(y)'],
    ['x = a / b / "c"', 'x = a / b / " "'],
    ['x = (a) / b // "c"', 'x = (a) / b       '],
    ['#!/usr/bin/env node\nx', '                   \nx'],
  ])('blanks %j', (text, expected) => expect(skeletonOf(text)).toBe(expected));

  it('keeps strings where only comments are to go', () => {
    expect(readSource('a.ts', "import a from './a.ts'; // b").withoutComments.trimEnd()).toBe(
      "import a from './a.ts';",
    );
  });

  it('ends at the end of a text that is cut short', () => {
    for (const text of ['x = "a', 'x = `a ${', '/* a', '// a', 'x = /a', 'x = "\\'])
      expect(skeletonOf(text)).toHaveLength(text.length);
  });
});

describe('lineAt', () => {
  it('counts lines from 1', () => {
    expect([0, 1, 2, 4].map((index) => lineAt('a\nb\n\nc', index))).toEqual([1, 1, 2, 3]);
  });
});
