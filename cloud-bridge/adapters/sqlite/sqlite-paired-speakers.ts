/** The speakers that belong to this house, in the bridge's SQLite file. */
import type { DatabaseSync } from 'node:sqlite';
import type { Page, PageRequest } from '#bridge/core/ports/catalogue';
import {
  houseFull,
  PAIRED_SPEAKERS_MAX,
  type PairedSpeaker,
  type PairedSpeakerChange,
  type PairedSpeakers,
} from '#bridge/core/ports/paired-speakers';
import { TonearmError } from '#protocol/vocabulary/errors';
import { accountId, type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { inTransaction } from './database.ts';
import { bytesOf, numberOf, type Row, textOf } from './rows.ts';

/** SQLite's word for a full disk (`SQLITE_FULL`). */
const SQLITE_FULL = 13;

export class SqlitePairedSpeakers implements PairedSpeakers {
  readonly #database: DatabaseSync;
  readonly #max: number;

  constructor(database: DatabaseSync, max = PAIRED_SPEAKERS_MAX) {
    this.#database = database;
    this.#max = max;
  }

  async page({ offset, limit }: PageRequest): Promise<Page<PairedSpeaker>> {
    const items = this.#database.prepare('SELECT * FROM paired_speakers ORDER BY id LIMIT ? OFFSET ?');
    return { items: items.all(limit, offset).map(speakerOf), total: this.#count() };
  }

  async hasRoom(id: SpeakerId | null): Promise<boolean> {
    return this.#count() < this.#max || (id !== null && this.#has(id));
  }

  async find(id: SpeakerId): Promise<PairedSpeaker | null> {
    const row = this.#database.prepare('SELECT * FROM paired_speakers WHERE id = ?').get(id);
    return row === undefined ? null : speakerOf(row);
  }

  async add(speaker: PairedSpeaker): Promise<void> {
    this.#write(() => {
      if (this.#count() >= this.#max && !this.#has(speaker.id)) throw houseFull(this.#max);
      this.#database
        .prepare(
          `INSERT INTO paired_speakers (id, public_key, name, owner_id, paired_at_ms) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key, name = excluded.name,
             owner_id = excluded.owner_id, paired_at_ms = excluded.paired_at_ms`,
        )
        .run(speaker.id, speaker.publicKey, speaker.name, speaker.ownerId, Math.trunc(speaker.pairedAtMs));
    });
  }

  async change(id: SpeakerId, { name, ownerId }: PairedSpeakerChange): Promise<PairedSpeaker | null> {
    this.#write(() => {
      this.#database
        .prepare('UPDATE paired_speakers SET name = coalesce(?, name), owner_id = coalesce(?, owner_id) WHERE id = ?')
        .run(name ?? null, ownerId ?? null, id);
    });
    return this.find(id);
  }

  async forget(id: SpeakerId): Promise<boolean> {
    let forgotten = 0;
    this.#write(() => {
      forgotten = Number(this.#database.prepare('DELETE FROM paired_speakers WHERE id = ?').run(id).changes);
    });
    return forgotten > 0;
  }

  #has(id: SpeakerId): boolean {
    return this.#database.prepare('SELECT 1 FROM paired_speakers WHERE id = ?').get(id) !== undefined;
  }

  #count(): number {
    const row = this.#database.prepare('SELECT count(*) AS n FROM paired_speakers').get();
    return row === undefined ? 0 : numberOf(row, 'n');
  }

  #write(perform: () => void): void {
    try {
      inTransaction(this.#database, perform);
    } catch (cause) {
      if (cause instanceof TonearmError) throw cause;
      const isFull = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_FULL;
      const code = isFull ? 'storage.full' : 'storage.failed';
      throw new TonearmError(code, `the paired speakers cannot be written: ${String(cause)}`, { cause });
    }
  }
}

function speakerOf(row: Row): PairedSpeaker {
  return {
    id: speakerId(textOf(row, 'id')),
    publicKey: new Uint8Array(bytesOf(row, 'public_key')),
    name: textOf(row, 'name'),
    ownerId: accountId(textOf(row, 'owner_id')),
    pairedAtMs: numberOf(row, 'paired_at_ms'),
  };
}
