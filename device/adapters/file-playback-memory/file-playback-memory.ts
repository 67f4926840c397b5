/**
 * The playback memory in three small files: two records that are written in turn, and the place.
 *
 * A record takes its slot's name in one step and is not forced to the disk: it is safe from the end of the process at
 * once, and flash memory is not worn by every press of a button. At most every `SYNC_EVERY_MS` what is new is forced
 * there, and from then on the other slot is written, so that a power cut costs the changes of those seconds and never the
 * record before. The place is one short line, overwritten where it stands; it belongs to one record by its number. The
 * kernel writes it out when it sees fit (30 s on Linux), so a power cut takes the position back by that much.
 */
import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastHeard } from '#device/core/control/last-heard';
import type { PlaybackMemory, RecalledPlayback, RememberedPlayback } from '#device/core/ports/playback-memory';
import { createSerialLock } from '#protocol/kit/serial-lock';
import { foldSession, unfoldSession } from '#protocol/kit/track-lists';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { ListId } from '#protocol/vocabulary/ids';
import { type Frames, ms } from '#protocol/vocabulary/units';
import { KeptLists } from './kept-lists.ts';
import {
  encodePlace,
  encodeRecord,
  type PlaceRecord,
  type PlaybackRecord,
  parsePlace,
  parseRecord,
} from './playback-record.ts';
import { readTracePage } from './trace-page.ts';

/** What a power cut takes back at most, and how often flash memory is written to while people press buttons. */
export const SYNC_EVERY_MS = ms(10_000);
const SLOTS = ['playback-0.json', 'playback-1.json'] as const;
const PLACE = 'playback-place.json';
const FILE_MODE = 0o600;
const US_PER_MS = 1_000;

type Slot = 0 | 1;

export interface FilePlaybackMemoryOptions {
  /** There already. */
  readonly folder: string;
  /** Where the audio thread leaves the trace of what is heard. */
  readonly tracePath: string;
  /** Differs with every start of the machine, which is when monotonic time begins anew; null where nobody can tell. */
  readonly bootId: string | null;
}

export function createFilePlaybackMemory(
  ports: { readonly clock: Clock; readonly logger: Logger },
  options: FilePlaybackMemoryOptions,
): PlaybackMemory {
  return new FilePlaybackMemory(ports, options);
}

class FilePlaybackMemory implements PlaybackMemory {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: FilePlaybackMemoryOptions;
  readonly #lists: KeptLists;
  readonly #lock = createSerialLock();
  /** Of the record written last. */
  #sequence = 0;
  /** Not to be touched until the other one is on the disk. */
  #safeSlot: Slot = 0;
  /** What the record there names, and what the newest does. */
  #safeList: ListId | null = null;
  #newestList: ListId | null = null;
  #waiting: RememberedPlayback | null = null;
  #isWriteQueued = false;
  #isSyncDue = false;
  #syncTimer: Timer | null = null;
  #placeFile: FileHandle | null = null;
  #isPlacing = false;
  #isFailing = false;

  constructor(ports: { readonly clock: Clock; readonly logger: Logger }, options: FilePlaybackMemoryOptions) {
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#options = options;
    this.#lists = new KeptLists(options.folder);
  }

  recall(): Promise<RecalledPlayback | null> {
    return this.#lock.run(async () => {
      const inFolder = (name: string) => join(this.#options.folder, name);
      const [first, second, place, trace] = await Promise.all([
        this.#readRecord(inFolder(SLOTS[0])),
        this.#readRecord(inFolder(SLOTS[1])),
        this.#read(inFolder(PLACE), parsePlace),
        this.#read(this.#options.tracePath, readTracePage),
      ]);
      const record = (first?.sequence ?? -1) >= (second?.sequence ?? -1) ? first : second;
      if (record === null) return null;
      this.#sequence = Math.max(record.sequence, place?.sequence ?? 0);
      this.#safeSlot = record === first ? 0 : 1;
      this.#safeList = record.playback.session?.queue.list?.id ?? null;
      const placed = placedIn(record, place);
      const isTraced = trace !== null && trace.bootId === placed.bootId;
      const last = lastHeard({ ...placed.playback, atUs: placed.atUs }, isTraced ? trace : null);
      const ageMs = this.#ageMs({ bootId: placed.bootId, atUs: last.atUs });
      return { ...record.playback, session: last.session, ageMs };
    });
  }

  remember(playback: RememberedPlayback): void {
    this.#waiting = playback;
    if (this.#isWriteQueued) return;
    this.#isWriteQueued = true;
    void this.#lock.run(() => this.#write());
  }

  place(positionFrames: Frames): void {
    // The place of a record that is not there yet would be taken for one of the record before.
    if (this.#waiting !== null || this.#sequence === 0 || this.#isPlacing) return;
    this.#isPlacing = true;
    const line = encodePlace({ ...this.#stamp(), sequence: this.#sequence, positionFrames });
    void this.#lock.run(async () => {
      await this.#attempt(async () => {
        this.#placeFile ??= await openForPlaces(join(this.#options.folder, PLACE));
        await this.#placeFile.write(line, 0, line.length, 0);
      });
      this.#isPlacing = false;
    });
  }

  async flush(): Promise<void> {
    this.#syncTimer?.cancel();
    this.#syncTimer = null;
    await this.#lock.run(async () => {
      await this.#sync();
      const file = this.#placeFile;
      this.#placeFile = null;
      if (file === null) return;
      await this.#attempt(async () => {
        await file.datasync();
        await file.close();
      });
    });
  }

  async #write(): Promise<void> {
    this.#isWriteQueued = false;
    const playback = this.#waiting;
    if (playback === null) return;
    const sequence = this.#sequence + 1;
    const path = join(this.#options.folder, SLOTS[other(this.#safeSlot)]);
    const isDone = await this.#attempt(async () => {
      const queue = playback.session?.queue;
      if (queue?.list !== undefined) await this.#lists.keep(queue.list.id, queue.trackIds, this.#safeList);
      this.#newestList = queue?.list?.id ?? null;
      const folded = { ...playback, session: playback.session && foldSession(playback.session) };
      const record = encodeRecord({ ...this.#stamp(), sequence, playback: folded });
      await writeFile(`${path}.new`, record, { mode: FILE_MODE });
      await rename(`${path}.new`, path);
    });
    if (this.#waiting === playback) this.#waiting = null;
    if (!isDone) return;
    this.#sequence = sequence;
    this.#isSyncDue = true;
    this.#syncTimer ??= this.#clock.setTimer('playback-sync', SYNC_EVERY_MS, () => {
      this.#syncTimer = null;
      void this.#lock.run(() => this.#sync());
    });
  }

  /** Forces the newest record to the disk; from then on it is the one that is left alone. */
  async #sync(): Promise<void> {
    if (!this.#isSyncDue) return;
    this.#isSyncDue = false;
    const slot = other(this.#safeSlot);
    const isDone = await this.#attempt(async () => {
      const path = join(this.#options.folder, SLOTS[slot]);
      await syncPath(path);
      await syncPath(dirname(path));
    });
    if (!isDone) return;
    this.#safeSlot = slot;
    this.#safeList = this.#newestList;
  }

  #stamp(): { readonly bootId: string | null; readonly atUs: number } {
    return { bootId: this.#options.bootId, atUs: this.#clock.nowUs() };
  }

  #ageMs(stamp: { readonly bootId: string | null; readonly atUs: number }): RecalledPlayback['ageMs'] {
    if (stamp.bootId === null || stamp.bootId !== this.#options.bootId) return null;
    const ageUs = this.#clock.nowUs() - stamp.atUs;
    return ageUs < 0 ? null : ms(ageUs / US_PER_MS);
  }

  /** With its tracks; a record whose list is not there is as good as none. */
  async #readRecord(path: string): Promise<PlaybackRecord | null> {
    const record = await this.#read(path, parseRecord);
    const session = record?.playback.session ?? null;
    if (record === null || session === null) return record;
    const { list } = session.queue;
    const trackIds = list === undefined ? null : await this.#lists.read(list.id);
    const whole = unfoldSession(session, () => trackIds);
    if (whole === null) this.#logger.warn('playback-memory.unreadable', { path, list: list?.id });
    return whole === null ? null : { ...record, playback: { ...record.playback, session: whole } };
  }

  async #read<Value>(path: string, parse: (text: string) => Value | null): Promise<Value | null> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') this.#report(thrown);
      return null;
    }
    const value = parse(text);
    // What a power cut left; the other slot holds what was before.
    if (value === null) this.#logger.warn('playback-memory.unreadable', { path });
    return value;
  }

  /** A disk that fails costs the memory and not the music; it is said once until it works again. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#isFailing = false;
      return true;
    } catch (thrown) {
      if (!this.#isFailing) this.#report(thrown);
      this.#isFailing = true;
      return false;
    }
  }

  #report(thrown: unknown): void {
    this.#logger.error('playback-memory.failed', { reason: toTonearmError(thrown, 'storage.failed').message });
  }
}

/** The record with the place in it, if it is a place of its. */
function placedIn(record: PlaybackRecord, place: PlaceRecord | null): PlaybackRecord {
  const { session } = record.playback;
  if (place?.sequence !== record.sequence || session === null || session.playback.kind === 'stopped') return record;
  const playback = { ...session.playback, positionFrames: place.positionFrames };
  return { ...record, atUs: place.atUs, playback: { ...record.playback, session: { ...session, playback } } };
}

function other(slot: Slot): Slot {
  return slot === 0 ? 1 : 0;
}

async function openForPlaces(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+', FILE_MODE);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    return open(path, 'w+', FILE_MODE);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}
