/**
 * What a music file is called: by its tags, and where they are silent by its path. A library of untagged files in
 * folders `Artist/Album/01 - Title.flac` then looks as its owner meant it.
 */
import type { ArtistEntry, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import type { Digest } from '#bridge/core/ports/digest';
import type { SourceTags } from '#bridge/core/ports/source-inspector';
import { albumId, artistId, base62Of, trackId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';

const UNKNOWN_ARTIST = 'Unknown artist';
const VARIOUS_ARTISTS = 'Various artists';
/** `01 - Title`, `1. Title`, `2-03 Title`: an optional disc, a number, a title. */
const NUMBERED = /^(?:(\d)[-.])?(\d{1,3})(?:\s*[-._)]\s*|\s+)(\S.*)$/;
/** `CD 2`, `Disc 1`: a folder that is part of an album. */
const DISC_FOLDER = /^(?:cd|disc|disk)\s*0*(\d{1,2})$/i;

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
  const artistNames = tags !== null && tags.artists.length > 0 ? tags.artists : [guess.artist ?? UNKNOWN_ARTIST];
  const albumArtistNames = tags?.albumArtists ?? [];
  const albumTitle = tags?.album ?? guess.album;
  const hasOwnArtists = albumArtistNames.length > 0;
  // Without an album artist, what lies in one folder belongs together: a compilation stays one album.
  const albumOwner = hasOwnArtists ? `artists\0${albumArtistNames.map(folded).join('\0')}` : `folder\0${guess.folder}`;
  return {
    id: trackId(base62Of(source.digest)),
    title: tags?.title ?? guess.title,
    artists: unique(artistNames.map((name) => artistEntry(digest, name))),
    album: {
      id: albumId(base62Of(digest.sha256(`album\0${folded(albumTitle)}\0${albumOwner}`))),
      title: albumTitle,
      sortTitle: sortKey(albumTitle),
      artists: hasOwnArtists ? unique(albumArtistNames.map((name) => artistEntry(digest, name))) : null,
    },
    discNumber: tags?.discNumber ?? guess.disc ?? 1,
    trackNumber: tags?.trackNumber ?? guess.track ?? 0,
    durationFrames: tags?.durationFrames ?? frames(0),
    year: tags?.year ?? null,
    genres: tags?.genres ?? [],
    pictureKey: source.pictureKey,
    isCertain: tags !== null,
  };
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

interface PathNames {
  readonly title: string;
  readonly track: number | null;
  readonly disc: number | null;
  readonly album: string;
  readonly artist: string | null;
  /** The folder that the album is, without a disc's folder in it. */
  readonly folder: string;
}

function namesFromPath(relativePath: string, folderName: string): PathNames {
  const parts = relativePath.split('/');
  const stem = (parts.pop() ?? '').replace(/\.[^.]*$/, '');
  const disc = DISC_FOLDER.exec(parts.at(-1) ?? '');
  if (disc !== null) parts.pop();
  const numbered = NUMBERED.exec(stem);
  return {
    title: tidy(numbered?.[3] ?? stem),
    track: numbered === null ? null : Number(numbered[2]),
    disc: disc !== null ? Number(disc[1]) : numbered?.[1] === undefined ? null : Number(numbered[1]),
    album: tidy(parts.at(-1) ?? folderName),
    artist: parts.length > 1 ? tidy(parts.at(-2) ?? '') : null,
    folder: parts.join('/'),
  };
}

function tidy(name: string): string {
  const spaced = name.includes(' ') ? name : name.replaceAll('_', ' ');
  return spaced.toWellFormed().trim() || 'Untitled';
}

/** Spellings that mean the same: width, case and spaces do not make another artist; accents do. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
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
