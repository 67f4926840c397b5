/**
 * Search over the catalogue's full-text indexes: whole words first, then beginnings of words, then, when little was
 * found, words that somebody may have meant. Bounded however large the catalogue: hits and words looked at have limits.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Page, PageRequest, SearchResult } from '#bridge/core/ports/catalogue';
import {
  ALBUM_COLUMNS,
  ARTIST_COLUMNS,
  albumOf,
  artistOf,
  numberOf,
  type Row,
  TRACK_COLUMNS,
  trackOf,
} from './rows.ts';
import { exactQuery, meantQuery, prefixQuery, searchWords } from './search-query.ts';
import { statement } from './statement.ts';
import { wordsMeantBy } from './words-meant.ts';

/** Hits looked at when ranking; beyond so many, the words say too little to rank by. */
const SEARCH_HITS_RANKED_MAX = 4_000;
/** The best of them are found. */
const SEARCH_HITS_MAX = 1_000;
/** With fewer hits than this, slips of the fingers are looked for too. */
const SLIPS_BELOW_HITS = 5;

interface Kind<Item> {
  /** Hits with `key`, `score`; one parameter. */
  readonly hits: string;
  readonly rows: string;
  itemOf(row: Row): Item;
}

const TRACK_KIND: Kind<SearchResult['tracks']['items'][number]> = {
  // A word in the title says more than the same word in the artist's name.
  hits: `SELECT rowid AS key, bm25(track_search, 10, 5, 3) AS score FROM track_search WHERE track_search MATCH`,
  rows: `SELECT ${TRACK_COLUMNS}, count(*) OVER () AS hits_total FROM hits h JOIN tracks t ON t.number = h.key JOIN albums a ON a.id = t.album_id
    WHERE t.availability IN ('preparing', 'ready')
    ORDER BY h.tier, h.score, a.artist_sort, a.sort_title, t.disc, t.position, t.id`,
  itemOf: trackOf,
};
const ALBUM_KIND: Kind<SearchResult['albums']['items'][number]> = {
  hits: `SELECT rowid AS key, bm25(album_search, 10, 5) AS score FROM album_search WHERE album_search MATCH`,
  rows: `SELECT ${ALBUM_COLUMNS}, count(*) OVER () AS hits_total FROM hits h JOIN albums a ON a.number = h.key
    WHERE a.track_count > 0 ORDER BY h.tier, h.score, a.artist_sort, a.sort_title, a.id`,
  itemOf: albumOf,
};
const ARTIST_KIND: Kind<SearchResult['artists']['items'][number]> = {
  hits: `SELECT id AS key, bm25(artist_search) AS score FROM artist_search WHERE artist_search MATCH`,
  rows: `SELECT ${ARTIST_COLUMNS}, count(*) OVER () AS hits_total FROM hits h JOIN artists r ON r.id = h.key
    ORDER BY h.tier, h.score, r.sort_name, r.id`,
  itemOf: artistOf,
};

export class CatalogueSearch {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @param page checked */
  find(query: string, page: PageRequest): SearchResult {
    const words = searchWords(query);
    const none = { items: [], total: 0 };
    if (words.length === 0) return { tracks: none, albums: none, artists: none };
    const tiers = [exactQuery(words), prefixQuery(words)];
    const found = this.#findBy(tiers, page);
    if (found.tracks.total + found.albums.total + found.artists.total >= SLIPS_BELOW_HITS) return found;
    const meant = words.map((typed) => ({ typed, meant: wordsMeantBy(this.#database, typed) }));
    if (meant.every((word) => word.meant.length === 0)) return found;
    return this.#findBy([...tiers, meantQuery(meant)], page);
  }

  #findBy(tiers: readonly string[], page: PageRequest): SearchResult {
    return {
      tracks: this.#ranked(TRACK_KIND, tiers, page),
      albums: this.#ranked(ALBUM_KIND, tiers, page),
      artists: this.#ranked(ARTIST_KIND, tiers, page),
    };
  }

  #ranked<Item>(kind: Kind<Item>, tiers: readonly string[], page: PageRequest): Page<Item> {
    const each = tiers.map(
      (_, tier) =>
        `SELECT * FROM (SELECT ${tier} AS tier, * FROM (${kind.hits} ? LIMIT ${SEARCH_HITS_RANKED_MAX})
          ORDER BY score LIMIT ${SEARCH_HITS_MAX})`,
    );
    // With one min(), SQLite takes the other columns from the row that has it: the hit of the best tier.
    const hits = `SELECT key, min(tier) AS tier, score FROM (${each.join(' UNION ALL ')}) GROUP BY key`;
    const withHits = `WITH hits AS MATERIALIZED (${hits})`;
    const rows = statement(this.#database, `${withHits} ${kind.rows} LIMIT ? OFFSET ?`).all(
      ...tiers,
      page.limit,
      page.offset,
    );
    const [first] = rows;
    // Each row tells how many there are; a page that begins beyond them has none to tell.
    if (first === undefined && page.offset === 0 && page.limit > 0) return { items: [], total: 0 };
    const count =
      first ?? statement(this.#database, `${withHits} SELECT count(*) AS hits_total FROM (${kind.rows})`).get(...tiers);
    return {
      items: rows.map((row) => kind.itemOf(row)),
      total: count === undefined ? 0 : numberOf(count, 'hits_total'),
    };
  }
}
