import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artistNames, genreNames, guestsInTitle, placeNumber, repairUtf8, tidyText } from './tag-spelling.ts';

describe('a text', () => {
  it.each([
    ['Ã‰tudes', 'Études'],
    ['Ã\u0089tudes', 'Études'],
    ['BjÃ¶rk', 'Björk'],
    ['å\u009d\u0082æ\u009c¬', '坂本'],
    ['Études', 'Études'],
    ['Motörhead', 'Motörhead'],
    ['Sigur Rós', 'Sigur Rós'],
    ['坂本', '坂本'],
    ['plain', 'plain'],
    ['50% off', '50% off'],
  ])('%s is read as %s', (given, expected) => {
    expect(repairUtf8(given)).toBe(expected);
  });

  it('of UTF-8 read as Latin-1 is always had back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const whole = text.toWellFormed();
        fc.pre(/[^\0-\x7f]/u.test(whole));
        expect(repairUtf8(Buffer.from(whole, 'utf8').toString('latin1'))).toBe(whole);
      }),
    );
  });

  it.each([
    ['Beyonce\u0301', 'Beyoncé'],
    [' a\0\0', 'a'],
    ['\0', null],
    [undefined, null],
    ['x'.repeat(600), 'x'.repeat(500)],
  ])('%j is tidied to %j', (given, expected) => {
    expect(tidyText(given)).toBe(expected);
  });
});

describe('names of artists', () => {
  it.each([
    [['X'], ['X']],
    [['X; Y;Z'], ['X', 'Y', 'Z']],
    [['X / Y'], ['X', 'Y']],
    [
      ['X', 'Y'],
      ['X', 'Y'],
    ],
    [['X\0Y'], ['X\0Y'.split('\0').join(' ')]],
    [['AC/DC'], ['AC/DC']],
    [
      ['Simon', 'Garfunkel'],
      ['Simon', 'Garfunkel'],
    ],
    [['X feat. Y'], ['X', 'Y']],
    [['X ft Y & Z'], ['X', 'Y', 'Z']],
    [['X (featuring Y)'], ['X', 'Y']],
    [['Defeat The Feature'], ['Defeat The Feature']],
    [['Earth, Wind & Fire'], ['Earth, Wind & Fire']],
    [['Simon and Garfunkel'], ['Simon and Garfunkel']],
    [['X', 'x', 'Ｘ'], ['X']],
    [['', ' ; '], []],
  ])('%j are %j', (given, expected) => {
    expect(artistNames(given)).toEqual(expected);
  });

  it.each([
    [['AC', 'DC'], ['AC/DC']],
    [
      ['Simon', 'Garfunkel'],
      ['Simon', 'Garfunkel'],
    ],
  ])('that were cut at slashes, %j, are %j', (given, expected) => {
    expect(artistNames(given, true)).toEqual(expected);
  });

  it.each([
    ['Song (feat. Y)', ['Y']],
    ['Song [ft. Y & Z] (Remix)', ['Y', 'Z']],
    ['Song', []],
    ['Feat of Strength', []],
    [null, []],
  ])('in the title %j are %j', (title, expected) => {
    expect(guestsInTitle(title)).toEqual(expected);
  });
});

describe('genres and numbers', () => {
  it.each([
    [['Rock;Pop'], ['Rock', 'Pop']],
    [['Hip-Hop/Rap'], ['Hip-Hop/Rap']],
    [
      ['Rock / Pop', 'rock'],
      ['Rock', 'Pop'],
    ],
    [['Folk, World'], ['Folk', 'World']],
  ])('%j are %j', (given, expected) => {
    expect(genreNames(given)).toEqual(expected);
  });

  it.each([
    ['3/12', 3],
    ['03', 3],
    [' 3 of 12', 3],
    [7, 7],
    ['0', null],
    ['A1', null],
    ['123456', null],
    [null, null],
    [-1, null],
    [1.5, 1],
  ])('%j is %j', (given, expected) => {
    expect(placeNumber(given)).toBe(expected);
  });
});
