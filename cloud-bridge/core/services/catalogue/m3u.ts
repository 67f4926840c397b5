/**
 * M3U and M3U8: a path on each line, and comments, of which one may be the list's name. Written by many programs on many
 * systems, so both kinds of slashes and `file:` addresses are read; streams from elsewhere are not ours to play. Pure.
 */
import { PLAYLIST_TRACKS_MAX } from '../../ports/playlists.ts';

export interface M3u {
  /** Null: it does not say. */
  readonly name: string | null;
  /** Absolute, or below the list's own folder; parts joined by `/`. */
  readonly paths: readonly string[];
}

const NAME = /^#PLAYLIST:\s*(.{1,200})$/i;
const NAME_LENGTH_MAX = 200;
const ADDRESS = /^[a-z][a-z0-9+.-]+:\/\//i;
const FILE_ADDRESS = /^file:\/\/(?:localhost)?(?=\/)/i;

export function parseM3u(text: string): M3u {
  let name: string | null = null;
  const paths: string[] = [];
  for (const written of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const line = written.trim();
    if (line.startsWith('#')) name = NAME.exec(line)?.[1]?.trim().slice(0, NAME_LENGTH_MAX) ?? name;
    else if (line !== '' && paths.length < PLAYLIST_TRACKS_MAX) {
      const path = pathOf(line);
      if (path !== null) paths.push(path);
    }
  }
  return { name, paths };
}

function pathOf(line: string): string | null {
  if (FILE_ADDRESS.test(line)) return decoded(line.replace(FILE_ADDRESS, ''));
  if (ADDRESS.test(line)) return null;
  return line.replaceAll('\\', '/');
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
