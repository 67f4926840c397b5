import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isVarious, namesFromPath } from './path-names.ts';

describe('a path', () => {
  it.each([
    ['Nina Simone/Pastel Blues/07 - Sinnerman.flac', 'Nina Simone', 'Pastel Blues', 7, null, 'Sinnerman', null],
    ['Nina Simone - Pastel Blues/07 Sinnerman.flac', 'Nina Simone', 'Pastel Blues', 7, null, 'Sinnerman', null],
    ['Band/1971 - Album/CD 2/03. Song.mp3', 'Band', 'Album', 3, 2, 'Song', 1971],
    ['Band/Album (1971)/CD2 - Live/Song.mp3', 'Band', 'Album', null, 2, 'Song', 1971],
    ['Band/[1971] Album/disc 01/2 Song.mp3', 'Band', 'Album', 2, 1, 'Song', 1971],
    ['Band/Album/2-11 Song.ogg', 'Band', 'Album', 11, 2, 'Song', null],
    ['Band - Song.mp3', 'Band', 'Music', null, null, 'Song', null],
    ['01 - Band - Song.mp3', 'Band', 'Music', 1, null, 'Song', null],
    ['Band - Album - 03 - Song.mp3', 'Band', 'Album', 3, null, 'Song', null],
    ['Band - 03 - Song.mp3', 'Band', 'Music', 3, null, 'Song', null],
    ['Band/Album/Band - Song.mp3', 'Band', 'Album', null, null, 'Song', null],
    ['Band/Album/01 - Love - Part 2.mp3', 'Band', 'Album', 1, null, 'Love - Part 2', null],
    ['Various Artists/Hits/05 - Bob - Song.mp3', 'Bob', 'Hits', 5, null, 'Song', null],
    ['some_live_take.wav', null, 'Music', null, null, 'some live take', null],
    ['Half-Life.mp3', null, 'Music', null, null, 'Half-Life', null],
    ['1999.opus', null, 'Music', null, null, '1999', null],
    ['- .mp3', null, 'Music', null, null, '-', null],
    ['Jose\u0301/A/x.mp3', 'José', 'A', null, null, 'x', null],
  ])('%s', (path, artist, album, track, disc, title, year) => {
    expect(namesFromPath(path, 'Music')).toMatchObject({ artist, album, track, disc, title, year });
  });

  it('always gives a title and an album that are not empty', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (parts) => {
        const names = namesFromPath(parts.join('/'), 'Music');
        expect(names.title.trim()).not.toBe('');
        expect(names.album.trim()).not.toBe('');
      }),
    );
  });

  it.each(['VA', 'v.a.', 'Various', 'Various Artists', 'Verschiedene Interpreten'])('%s is nobody', (name) => {
    expect(isVarious(name)).toBe(true);
  });

  it('knows that Vanessa is somebody', () => expect(isVarious('Vanessa')).toBe(false));
});
