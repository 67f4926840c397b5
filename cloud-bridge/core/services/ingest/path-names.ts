/**
 * What a path says of the music in it: a library of untagged files in folders `Artist/1971 - Album/CD 2/01 - Title.flac`
 * looks as its owner meant it.
 */

/** What a path calls a track; null where it is silent. */
export interface PathNames {
  readonly title: string;
  readonly track: number | null;
  readonly disc: number | null;
  readonly album: string;
  readonly artist: string | null;
  readonly year: number | null;
  /** The folder that the album is, without a disc's folder in it. */
  readonly folder: string;
}

/** `01 - Title`, `1. Title`, `2-03 Title`: an optional disc, a number, a title. */
const NUMBERED = /^(?:(\d)[-.])?(\d{1,3})(?:\s*[-._)]\s*|\s+)(\S.*)$/;
/** `CD 2`, `Disc 1`, `CD2 - Live`: a folder that is part of an album. */
const DISC_FOLDER = /^(?:cd|disc|disk)\s*0*(\d{1,2})(?:$|\s*[-:(]\s*\S.*$)/i;
/** `1971 - Album`, `[1971] Album`, `Album (1971)`. */
const YEAR_BEFORE = /^[([]?((?:19|20)\d{2})[)\]]?\s*[-–—. ]\s*(\S.*)$/;
const YEAR_BEHIND = /^(.*\S)\s*[([]((?:19|20)\d{2})[)\]]$/;
const DASH = /\s+[-–—]\s+/;
const VARIOUS = /^(?:v\.?\s*a\.?|various(?: artists)?|compilations?|verschiedene(?: interpreten)?|divers)$/i;

/**
 * @param relativePath below the music folder, parts joined by `/`
 * @param folderName last part of the music folder's own path, the album of what lies loose in it
 */
export function namesFromPath(relativePath: string, folderName: string): PathNames {
  const parts = relativePath.split('/');
  const stem = spaced((parts.pop() ?? '').replace(/\.[^.]*$/, ''));
  const disc = DISC_FOLDER.exec(spaced(parts.at(-1) ?? ''));
  if (disc !== null) parts.pop();
  const album = albumFolder(parts, folderName);
  const numbered = NUMBERED.exec(stem);
  const named = splitStem(numbered?.[3] ?? stem, album.artist);
  return {
    title: tidy(named.title),
    track: named.track ?? (numbered === null ? null : Number(numbered[2])),
    disc: disc !== null ? Number(disc[1]) : numbered?.[1] === undefined ? null : Number(numbered[1]),
    album: tidy(named.album ?? album.title),
    artist: named.artist ?? album.artist,
    year: album.year,
    folder: parts.join('/'),
  };
}

/** Whether a name stands for nobody in particular, as album artists of compilations do. */
export function isVarious(name: string): boolean {
  return VARIOUS.test(name.trim());
}

interface AlbumFolder {
  readonly title: string;
  readonly artist: string | null;
  readonly year: number | null;
}

function albumFolder(parts: readonly string[], folderName: string): AlbumFolder {
  const own = spaced(parts.at(-1) ?? folderName);
  const above = parts.length > 1 ? tidy(spaced(parts.at(-2) ?? '')) : null;
  const before = YEAR_BEFORE.exec(own);
  const behind = YEAR_BEHIND.exec(own);
  const year = before?.[1] ?? behind?.[2];
  const title = before?.[2] ?? behind?.[1] ?? own;
  const [artist, rest] = above === null && parts.length > 0 ? cutAtDash(title) : [null, title];
  return { title: rest, artist: above ?? artist, year: year === undefined ? null : Number(year) };
}

interface StemNames {
  readonly title: string;
  readonly artist: string | null;
  readonly album: string | null;
  readonly track: number | null;
}

/** `Artist - Title`, `Artist - Album - 03 - Title`. A dash in a title is no artist when the folder names one already. */
function splitStem(stem: string, folderArtist: string | null): StemNames {
  const pieces = stem.split(DASH).filter((piece) => piece.trim() !== '');
  const [first = '', second = '', third = ''] = pieces;
  const isNumber = (text: string): boolean => /^\d{1,3}$/.test(text);
  if (pieces.length === 4 && isNumber(third)) {
    return { artist: tidy(first), album: tidy(second), track: Number(third), title: pieces[3] ?? '' };
  }
  if (pieces.length === 3 && isNumber(second)) {
    return { artist: tidy(first), album: null, track: Number(second), title: third };
  }
  const isTaken = folderArtist !== null && !isVarious(folderArtist);
  const isSame = folderArtist !== null && first.toLowerCase() === folderArtist.toLowerCase();
  const [artist, title] = isTaken && !isSame ? [null, stem] : cutAtDash(stem);
  return { artist: isTaken ? null : artist, album: null, track: null, title };
}

/** What is before the first dash between spaces, and what is behind it; all of it behind when there is none. */
function cutAtDash(text: string): readonly [before: string | null, behind: string] {
  const at = DASH.exec(text);
  if (at === null || at.index === 0) return [null, text];
  const behind = text.slice(at.index + at[0].length);
  return behind === '' ? [null, text] : [tidy(text.slice(0, at.index)), behind];
}

function spaced(name: string): string {
  return name.includes(' ') ? name : name.replaceAll('_', ' ');
}

function tidy(name: string): string {
  return name.normalize('NFC').toWellFormed().trim() || 'Untitled';
}
