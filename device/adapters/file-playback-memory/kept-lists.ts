/**
 * The contexts that the playback memory's records name, each in a file of its own beside them: written once when it begins
 * to play, so that a press of a button does not write ten thousand tracks again. On the disk before any record names it.
 */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { ListId, TrackId } from '#protocol/vocabulary/ids';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import { parseValue, trackIdSchema } from '#protocol/wire/schema';

const PREFIX = 'playback-list-';
const FILE_MODE = 0o600;
const listSchema = z.array(trackIdSchema).check(z.minLength(1), z.maxLength(CONTEXT_TRACKS_MAX));

export class KeptLists {
  readonly #folder: string;
  #newest: ListId | null = null;

  /** @param folder there already */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when it is on the disk. @param alsoKept named by a record that is to stay readable; all others go */
  async keep(id: ListId, trackIds: readonly TrackId[], alsoKept: ListId | null): Promise<void> {
    if (id === this.#newest) return;
    const path = this.#pathOf(id);
    const file = await open(`${path}.new`, 'w', FILE_MODE);
    try {
      await file.writeFile(JSON.stringify(trackIds));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    this.#newest = id;
    await this.#forgetOthers([id, ...(alsoKept === null ? [] : [alsoKept])]);
  }

  /** Null where it is not there, or not whole. */
  async read(id: ListId): Promise<readonly TrackId[] | null> {
    try {
      const parsed = parseValue(listSchema, JSON.parse(await readFile(this.#pathOf(id), 'utf8')), 'kept list');
      return parsed.ok ? parsed.value : null;
    } catch {
      // What a power cut left is as good as nothing: the record that names it is not taken then.
      return null;
    }
  }

  async #forgetOthers(kept: readonly ListId[]): Promise<void> {
    const names = new Set(kept.map((id) => `${PREFIX}${id}.json`));
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith(PREFIX) && !names.has(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  #pathOf(id: ListId): string {
    return join(this.#folder, `${PREFIX}${id}.json`);
  }
}
