import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Digest } from '#bridge/core/ports/digest';
import type { SourceTags } from '#bridge/core/ports/source-inspector';
import { describeTrack, type SourceDescription } from './track-entry.ts';

const digest: Digest = { sha256: (text) => createHash('sha256').update(text).digest() };

function describePath(relativePath: string, tags: Partial<SourceTags> | null = null) {
  const source: SourceDescription = {
    digest: new Uint8Array(32).fill(9),
    tags: tags === null ? null : { ...noTags, ...tags },
    relativePath,
    folderName: 'Music',
    pictureKey: null,
  };
  return describeTrack(digest, source);
}

const noTags: SourceTags = {
  title: null,
  artists: [],
  album: null,
  albumArtists: [],
  discNumber: null,
  trackNumber: null,
  year: null,
  genres: [],
  isCompilation: false,
  durationFrames: null,
};

describe('a track without tags', () => {
  it.each([
    ['Nina Simone/Pastel Blues/07 - Sinnerman.flac', 'Sinnerman', 7, 1, 'Pastel Blues', 'Nina Simone'],
    ['Band/Album/CD 2/03. Song.mp3', 'Song', 3, 2, 'Album', 'Band'],
    ['Band/Album/2-11 Song.ogg', 'Song', 11, 2, 'Album', 'Band'],
    ['some_live_take.wav', 'some live take', 0, 1, 'Music', 'Unknown artist'],
    ['Loose/99 Luftballons.mp3', 'Luftballons', 99, 1, 'Loose', 'Unknown artist'],
    ['1999.opus', '1999', 0, 1, 'Music', 'Unknown artist'],
  ])('is named by its path: %s', (path, title, trackNumber, discNumber, album, artist) => {
    const entry = describePath(path);
    expect(entry).toMatchObject({ title, trackNumber, discNumber, isCertain: false });
    expect(entry.album.title).toBe(album);
    expect(entry.artists.map((it) => it.name)).toEqual([artist]);
  });
});

describe('a track with tags', () => {
  it('is named by them, not by its path', () => {
    const tags = { title: 'A', artists: ['X', 'Y'], album: 'L', trackNumber: 4, year: 1971 };
    const entry = describePath('Other/Thing/01 - B.mp3', tags);
    expect(entry).toMatchObject({ title: 'A', trackNumber: 4, year: 1971, isCertain: true });
    expect(entry.artists.map((it) => it.name)).toEqual(['X', 'Y']);
    expect(entry.album).toMatchObject({ title: 'L', artists: null });
  });

  it('has the same album as its neighbours of other artists, when no album artist is named', () => {
    const one = describePath('Hits/01.mp3', { artists: ['X'], album: 'Hits' });
    const other = describePath('Hits/02.mp3', { artists: ['Y'], album: 'Hits' });
    const elsewhere = describePath('More/02.mp3', { artists: ['Y'], album: 'Hits' });
    expect(one.album.id).toBe(other.album.id);
    expect(elsewhere.album.id).not.toBe(one.album.id);
  });

  it('has the same album wherever it lies, when an album artist is named', () => {
    const one = describePath('a/01.mp3', { artists: ['X'], album: 'Hits', albumArtists: ['The Band'] });
    const other = describePath('b/02.mp3', { artists: ['Y'], album: 'HITS ', albumArtists: ['the  band'] });
    expect(one.album.id).toBe(other.album.id);
    expect(one.album.artists?.[0]?.id).toBe(other.album.artists?.[0]?.id);
  });

  it('orders names without articles and accents, and numbers by value', () => {
    const sortNameOf = (name: string) => describePath('a.mp3', { artists: [name] }).artists[0]?.sortName;
    expect(sortNameOf('The Beatles')).toBe('beatles');
    expect(sortNameOf('Ólafur')).toBe('olafur');
    expect(sortNameOf('The')).toBe('the');
    expect([sortNameOf('Blink 182'), sortNameOf('Blink 9')].sort()).toEqual(['blink 000009', 'blink 000182']);
  });

  it('counts an artist named twice once', () => {
    expect(describePath('a.mp3', { artists: ['X', 'x '] }).artists).toHaveLength(1);
  });

  it.each([
    ['Beyoncé', 'Beyonce\u0301'],
    ['ABBA', 'ＡＢＢＡ'],
    ['Guns N’ Roses', "guns n'  roses"],
    ['Jay‐Z', 'JAY-Z'],
  ])('knows %s as one artist with %s', (one, other) => {
    const idOf = (name: string) => describePath('a.mp3', { artists: [name] }).artists[0]?.id;
    expect(idOf(one)).toBe(idOf(other));
  });

  it('keeps artists apart whom an accent tells apart', () => {
    expect(describePath('a.mp3', { artists: ['Björk', 'Bjork'] }).artists).toHaveLength(2);
  });

  it('counts guests of its title among its artists, last', () => {
    const entry = describePath('a.mp3', { title: 'Song (feat. Y)', artists: ['X'] });
    expect([entry.title, ...entry.artists.map((it) => it.name)]).toEqual(['Song (feat. Y)', 'X', 'Y']);
  });

  it.each([
    ['by its flag', { isCompilation: true }],
    ['by its album artist', { albumArtists: ['VA'] }],
    ['by both', { isCompilation: true, albumArtists: ['Various Artists'] }],
  ])('is known to be of a compilation %s', (_, tags) => {
    const entry = describePath('Hits/01.mp3', { artists: ['X'], album: 'Hits', ...tags });
    expect(entry.album.artists?.map((it) => it.name)).toEqual(['Various artists']);
    expect(entry.artists.map((it) => it.name)).toEqual(['X']);
  });

  it('is of another compilation when one of the same name lies elsewhere', () => {
    const tags = { artists: ['X'], album: 'Greatest Hits', isCompilation: true };
    expect(describePath('a/1.mp3', tags).album.id).not.toBe(describePath('b/1.mp3', tags).album.id);
    expect(describePath('a/CD1/1.mp3', tags).album.id).toBe(describePath('a/CD2/1.mp3', tags).album.id);
  });
});
