/**
 * What a music file is called: by its tags, and where they are silent by its path. A library of untagged files in
 * folders `Artist/Album/01 - Title.flac` then looks as its owner meant it.
 */
import type { ArtistEntry, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import type { Digest } from '#bridge/core/ports/digest';
import type { SourceTags } from '#bridge/core/ports/source-inspector';
import { albumId, artistId, base62Of, trackId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';
import { isVarious, namesFromPath } from './path-names.ts';
import { guestsInTitle } from './tag-spelling.ts';

const UNKNOWN_ARTIST = 'Unknown artist';
const VARIOUS_ARTISTS = 'Various artists';
export interface SourceDescription {
  /** SHA-256 of the file. */
  readonly digest: Uint8Array;
  readonly tags: SourceTags | null;
  /** Below the music folder, parts joined by `/`. */
  readonly relativePath: string;
  /** Last part of the music folder's own path. */
  readonly folderName: string;
  readonly pictureKey: string | null;
}

export function describeTrack(digest: Digest, source: SourceDescription): TrackEntry {
  const { tags } = source;
  const guess = namesFromPath(source.relativePath, source.folderName);
  const named = tags !== null && tags.artists.length > 0 ? tags.artists : [guess.artist ?? UNKNOWN_ARTIST];
  const artistNames = [...named, ...guestsInTitle(tags?.title ?? null)];
  const title = tags?.title ?? guess.title;
  const albumTitle = tags?.album ?? guess.album;
  const albumArtists = albumArtistsOf(digest, tags);
  const hasOwnId = albumArtists !== null && !(tags?.isCompilation === true && albumArtists.every(isNobody));
  // Without an album artist, what lies in one folder belongs together: a compilation stays one album.
  const albumOwner = hasOwnId
    ? `artists\0${albumArtists.map(({ name }) => folded(name)).join('\0')}`
    : `folder\0${guess.folder}`;
  return {
    id: trackId(base62Of(source.digest)),
    title,
    sortTitle: sortKey(title),
    artists: unique(artistNames.map((name) => artistEntry(digest, name))),
    album: {
      id: albumId(base62Of(digest.sha256(`album\0${folded(albumTitle)}\0${albumOwner}`))),
      title: albumTitle,
      sortTitle: sortKey(albumTitle),
      artists: albumArtists,
    },
    discNumber: tags?.discNumber ?? guess.disc ?? 1,
    trackNumber: tags?.trackNumber ?? guess.track ?? 0,
    durationFrames: tags?.durationFrames ?? frames(0),
    year: tags?.year ?? guess.year,
    genres: tags?.genres ?? [],
    pictureKey: source.pictureKey,
    isCertain: tags !== null,
  };
}

/** Null: the catalogue finds out from the tracks. A compilation that names nobody is by various artists. */
function albumArtistsOf(digest: Digest, tags: SourceTags | null): readonly ArtistEntry[] | null {
  const names = tags?.albumArtists ?? [];
  if (names.length === 0) return tags?.isCompilation === true ? [variousArtists(digest)] : null;
  return unique(names.map((name) => artistEntry(digest, isVarious(name) ? VARIOUS_ARTISTS : name)));
}

function isNobody(artist: ArtistEntry): boolean {
  return isVarious(artist.name);
}

export function artistEntry(digest: Digest, name: string): ArtistEntry {
  return { id: artistId(base62Of(digest.sha256(`artist\0${folded(name)}`))), name, sortName: sortKey(name) };
}

export function variousArtists(digest: Digest): ArtistEntry {
  return artistEntry(digest, VARIOUS_ARTISTS);
}

/** Serial number of a track's Ogg stream, from the hash of its source. */
export function serialOf(id: string): number {
  let value = 0;
  for (const character of id) value = (Math.imul(value, 62) + character.charCodeAt(0)) >>> 0;
  return value;
}

/** Spellings that mean the same: width, case, spaces, apostrophes and dashes do not make another artist; accents do. */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u02bc`´]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
}

/** What lists are ordered by: no accents, no case, no article, numbers by value up to six digits. */
function sortKey(name: string): string {
  return folded(name)
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/^(?:the|a|an)\s+(?=\S)/, '')
    .replace(/\d{1,6}/g, (digits) => digits.padStart(6, '0'));
}

function unique(artists: readonly ArtistEntry[]): readonly ArtistEntry[] {
  return [...new Map(artists.map((artist) => [artist.id, artist])).values()];
}
