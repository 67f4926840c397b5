/** The albums that are offered as sources, by name: the newest in the library, read anew when the library has changed. */
import type { CatalogueReader } from '../../ports/catalogue.ts';
import { formatMusicUri } from '../../views/music-uri.ts';
import { SOURCES_MAX } from './bus-limits.ts';

export class SourceList {
  readonly #catalogue: Pick<CatalogueReader, 'albums'>;
  #uris: ReadonlyMap<string, string> = new Map();

  constructor(catalogue: Pick<CatalogueReader, 'albums'>) {
    this.#catalogue = catalogue;
  }

  /** Names that are taken twice are offered once: the newer. */
  async refresh(): Promise<void> {
    const newest = { sort: 'added', genre: null } as const;
    const { items } = await this.#catalogue.albums({ offset: 0, limit: SOURCES_MAX }, newest);
    const uris = new Map<string, string>();
    for (const { id, title } of items) {
      if (title !== '' && !uris.has(title)) uris.set(title, formatMusicUri({ kind: 'album', id }));
    }
    this.#uris = uris;
  }

  /** In the order of the alphabet, so that an album that comes moves few others. */
  names(): readonly string[] {
    return [...this.#uris.keys()].sort();
  }

  has(): ReadonlySet<string> {
    return new Set(this.#uris.keys());
  }

  uri(name: string): string | null {
    return this.#uris.get(name) ?? null;
  }
}
