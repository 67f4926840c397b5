/** Walks a folder on a disk. Links are followed, each real folder once, so that a ring of links ends. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FolderScanner, MusicFolder, ScanEvent } from '#bridge/core/ports/folder-scanner';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';

/** Folders within folders; deeper is a mistake or an attack, no library. */
const DEPTH_MAX = 32;
/** Music files of one folder: ten times the largest private libraries. */
const FILES_MAX = 1_000_000;
const MUSIC_EXTENSIONS: ReadonlySet<string> = new Set([
  '.flac',
  '.mp3',
  '.ogg',
  '.oga',
  '.opus',
  '.wav',
  '.m4a',
  '.aac',
  '.aif',
  '.aiff',
]);

/** What a folder's picture may be called. */
const PICTURE = /^(?:cover|folder|front|album)\.(?:jpe?g|png|webp)$/i;

const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export class DiskFolderScanner implements FolderScanner {
  async find(folder: string): Promise<Result<MusicFolder, TonearmError>> {
    try {
      const path = await realpath(folder);
      const facts = await stat(path);
      if (!facts.isDirectory()) return notFound(folder, 'is a file, not a folder');
      await readdir(path);
      return ok({ path, deviceNumber: facts.dev });
    } catch (cause) {
      return notFound(folder, cause instanceof Error && 'code' in cause ? reasonOf(String(cause.code)) : String(cause));
    }
  }

  async *scan(folder: MusicFolder, below = ''): AsyncGenerator<ScanEvent> {
    const walk = { seen: new Set<string>(), files: 0 };
    const path = join(folder.path, below);
    if (below !== '' && (await factsOf(path)) === null) return;
    yield* this.#walk(path, below, below === '' ? 0 : below.split('/').length, walk);
  }

  async isThere(path: string): Promise<boolean> {
    return (await factsOf(path))?.isFile() ?? false;
  }

  async *#walk(path: string, relative: string, depth: number, walk: Walk): AsyncGenerator<ScanEvent> {
    if (depth > DEPTH_MAX)
      return yield { kind: 'folderSkipped', path: `${path}${sep}`, reason: `more than ${DEPTH_MAX} folders deep` };
    let entries: Dirent[];
    try {
      const real = await realpath(path);
      if (walk.seen.has(real)) return;
      walk.seen.add(real);
      entries = await readdir(path, { withFileTypes: true });
    } catch (cause) {
      return yield {
        kind: 'folderSkipped',
        path: `${path}${sep}`,
        reason: cause instanceof Error ? cause.message : String(cause),
      };
    }
    const shown = entries.filter((entry) => !entry.name.startsWith('.'));
    shown.sort((one, other) => naturally.compare(one.name, other.name) || (one.name < other.name ? -1 : 1));
    const companions = await companionTimes(path, shown);
    for (const entry of shown) {
      const below = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const full = join(path, entry.name);
      const isMusic = MUSIC_EXTENSIONS.has(extname(entry.name).toLowerCase());
      if (!isMusic && !entry.isDirectory() && !entry.isSymbolicLink()) continue;
      const facts = await factsOf(full);
      if (facts === null) continue;
      if (facts.isDirectory()) yield* this.#walk(full, below, depth + 1, walk);
      if (!facts.isFile() || !isMusic) continue;
      if (walk.files >= FILES_MAX) {
        return yield { kind: 'folderSkipped', path: `${path}${sep}`, reason: `more than ${FILES_MAX} music files` };
      }
      walk.files += 1;
      const file = {
        path: full,
        relativePath: below,
        sizeBytes: bytes(facts.size),
        modifiedMs: Math.trunc(Math.max(facts.mtimeMs, companions.get(stemOf(entry.name)) ?? companions.get('') ?? 0)),
      };
      yield { kind: 'fileFound', file };
    }
  }
}

interface Walk {
  readonly seen: Set<string>;
  files: number;
}

/**
 * When the lyrics of each stem, or the folder's pictures (under the empty stem, and counted to all), came to be what they
 * are. The inode's own time, since a file that is moved in keeps the time at which it was written.
 */
async function companionTimes(path: string, entries: readonly Dirent[]): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { name } of entries) {
    if (!PICTURE.test(name)) continue;
    const facts = await factsOf(join(path, name));
    times.set('', Math.max(times.get('') ?? 0, facts?.ctimeMs ?? 0));
  }
  for (const { name } of entries) {
    if (extname(name).toLowerCase() !== '.lrc') continue;
    const facts = await factsOf(join(path, name));
    times.set(stemOf(name), Math.max(times.get('') ?? 0, facts?.ctimeMs ?? 0));
  }
  return times;
}

function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}

/** Null for a link to nowhere, or a file that went while we looked. */
async function factsOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

function notFound(folder: string, reason: string): { readonly ok: false; readonly error: TonearmError } {
  const message = `the music folder ${JSON.stringify(folder.slice(0, 500))} ${reason}`;
  return refused(new TonearmError('ingest.folder-not-found', message, { field: 'folder' }));
}

function reasonOf(code: string): string {
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by the bridge';
  return `cannot be read (${code})`;
}
