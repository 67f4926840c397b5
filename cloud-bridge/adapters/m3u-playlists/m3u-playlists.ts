/**
 * Playlists as files in the music folders, where other programs keep them. Looked for when somebody asks, and not again
 * for a while: a walk over the names of a large library takes a second. Nothing outside of the lists themselves is opened.
 */
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Digest } from '#bridge/core/ports/digest';
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import { PLAYLISTS_MAX, type Playlist, type PlaylistReader } from '#bridge/core/ports/playlists';
import { parseM3u } from '#bridge/core/services/catalogue/m3u';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { base62Of, type PlaylistId, playlistId, type TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms, msToUs, type Us } from '#protocol/vocabulary/units';

/** For so long what was found is believed. */
const BELIEVED_FOR = msToUs(ms(30_000));
/** Folders within folders; deeper is a mistake or an attack. */
const DEPTH_MAX = 32;
/** Folders that are looked into: those of the largest private libraries. */
const FOLDERS_MAX = 50_000;
/** 10,000 long lines. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const EXTENSIONS: ReadonlySet<string> = new Set(['.m3u', '.m3u8']);

const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export interface M3uPlaylistsPorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly digest: Digest;
  /** Where music was ever taken in from. */
  folders(): Promise<readonly MusicFolder[]>;
  /** The track of each file, by its absolute path; null: none of ours. */
  tracksAt(paths: readonly string[]): readonly (TrackId | null)[];
}

export class M3uPlaylists implements PlaylistReader {
  readonly #ports: M3uPlaylistsPorts;
  #found: Promise<readonly Playlist[]> | null = null;
  #foundAtUs: Us | null = null;

  constructor(ports: M3uPlaylistsPorts) {
    this.#ports = ports;
  }

  playlists(): Promise<readonly Playlist[]> {
    const nowUs = this.#ports.clock.nowUs();
    if (this.#found === null || this.#foundAtUs === null || nowUs - this.#foundAtUs > BELIEVED_FOR) {
      this.#foundAtUs = nowUs;
      this.#found = this.#look();
      // What failed is asked again by the next.
      this.#found.catch(() => {
        this.#found = null;
      });
    }
    return this.#found;
  }

  async playlist(id: PlaylistId): Promise<Result<Playlist, TonearmError>> {
    const found = (await this.playlists()).find((playlist) => playlist.id === id);
    return found === undefined
      ? refused(new TonearmError('catalogue.not-found', 'there is no such playlist'))
      : ok(found);
  }

  async #look(): Promise<readonly Playlist[]> {
    const files: string[] = [];
    const walk = { left: FOLDERS_MAX };
    for (const { path } of await this.#ports.folders()) await listLists(path, files, walk, 0);
    const read = await Promise.all(files.slice(0, PLAYLISTS_MAX).map((file) => this.#read(file)));
    return read
      .filter((playlist) => playlist !== null)
      .sort((a, b) => naturally.compare(a.name, b.name) || naturally.compare(a.id, b.id));
  }

  /** Null: gone meanwhile, or not to be read. */
  async #read(file: string): Promise<Playlist | null> {
    const text = await textOf(file);
    if (text === null) return null;
    const { name, paths } = parseM3u(text);
    const tracks = this.#ports.tracksAt(paths.map((path) => resolve(dirname(file), path)));
    return {
      id: playlistId(base62Of(this.#ports.digest.sha256(`playlist\0${file}`))),
      name: name ?? basename(file, extname(file)),
      trackIds: tracks.filter((track) => track !== null),
    };
  }
}

/** A link to a folder is not followed, so no walk goes round in a ring. */
async function listLists(folder: string, files: string[], walk: { left: number }, depth: number): Promise<void> {
  if (depth > DEPTH_MAX || walk.left <= 0) return;
  walk.left -= 1;
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await listLists(path, files, walk, depth + 1);
    else if (entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase())) files.push(path);
  }
}

/** As UTF-8, else as Latin-1: old programs write the letters of their own country. */
async function textOf(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > FILE_BYTES_MAX) return null;
    const bytes = await readFile(file);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return bytes.toString('latin1');
    }
  } catch {
    return null;
  }
}
