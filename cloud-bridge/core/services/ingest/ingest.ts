/**
 * Takes folders of music into the house: scan first, encode behind it.
 *
 * A scan reads names and tags and puts tracks in the catalogue one by one, so that the first can be chosen at once;
 * lanes beside it encode what is in the catalogue and not ready, in order, or first what someone wants to hear. What is
 * left to do is in the catalogue and nowhere else: a bridge that is killed goes on where it was.
 */
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import type { LibraryChanges } from '#bridge/core/ports/library-changes';
import type { Timer } from '#protocol/ports/clock';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { IngestView } from '#protocol/wire/household';
import { outermost } from './change-gatherer.ts';
import { ChangeList } from './change-list.ts';
import { EncodeLanes } from './encode-lanes.ts';
import { scanFolder } from './folder-scan.ts';
import type { IngestPorts } from './ingest-ports.ts';
import { IngestProgress } from './ingest-progress.ts';

/** Folders that wait for their scan. */
const FOLDERS_WAITING_MAX = 16;
/** A full disk is looked at again after this: each look is a scan, and up to three tracks encoded for nothing. */
export const ROOM_AGAIN_AFTER_MS = ms(5 * 60 * 1_000);

interface WaitingFolder {
  readonly folder: MusicFolder;
  /** Only these places in it; null: all of it. */
  readonly below: readonly string[] | null;
}

export class Ingest implements IngestControl {
  readonly #ports: IngestPorts;
  readonly #progress: IngestProgress;
  readonly #lanes: EncodeLanes;
  readonly #folders: WaitingFolder[] = [];
  readonly #changes = new ChangeList();
  #taken: ((folder: MusicFolder) => void) | null = null;
  #run: Promise<void> | null = null;
  /** Until there may be room again in a store that was full. */
  #retry: Timer | null = null;
  #hasNoRoom = false;
  #isStopping = false;

  constructor(ports: IngestPorts) {
    this.#ports = ports;
    this.#progress = new IngestProgress(ports.clock);
    this.#lanes = new EncodeLanes(ports, this.#progress);
  }

  async begin(folder: string): Promise<Result<void, TonearmError>> {
    if (!this.#isAllowed()) {
      return refused(
        new TonearmError('ingest.busy', 'another bridge of this household reads its folders: ask that one'),
      );
    }
    const found = await this.#ports.scanner.find(folder);
    if (!found.ok) return found;
    // Before the next await, or any number of callers would find the queue short at the same time.
    if (!this.#queue(found.value, null)) {
      return refused(new TonearmError('ingest.busy', 'too many folders wait to be read: try again when some are done'));
    }
    const known = await this.#ports.catalogue.folders();
    if (!known.some((it) => it.path === found.value.path)) await this.#ports.catalogue.rememberFolder(found.value);
    this.#taken?.(found.value);
    this.#start();
    return ok(undefined);
  }

  /** Reads again all folders that were ever given, and encodes what was left. A folder that is away keeps its tracks. */
  async resume(): Promise<void> {
    for (const folder of await this.#ports.catalogue.folders()) {
      const outcome = await this.begin(folder.path);
      if (!outcome.ok) this.#ports.logger.warn('ingest.folder-away', { folder: folder.path, code: outcome.error.code });
    }
    this.#start();
  }

  /** Looks again at what may have changed. A folder that has gone away is left as it is. @returns false: too much waits already */
  lookAgain(folder: MusicFolder, below: readonly string[] | null): boolean {
    if (!this.#queue(folder, below)) return false;
    this.#start();
    return true;
  }

  /** @param taken told of each folder that is begun */
  onFolder(taken: (folder: MusicFolder) => void): void {
    this.#taken = taken;
  }

  changes(): LibraryChanges {
    return this.#changes;
  }

  view(): IngestView {
    return this.#progress.view();
  }

  listen(changed: (view: IngestView) => void): () => void {
    return this.#progress.listen(changed);
  }

  /** Someone wants to hear it now: it is encoded next. */
  bringForward(id: TrackId): void {
    if (!this.#isAllowed()) return;
    this.#lanes.want(id);
    this.#start();
  }

  /** Resolves when nothing is left to do; at once when nothing is being done. */
  async settled(): Promise<void> {
    while (this.#run !== null) await this.#run;
  }

  /** Stops after the work in hand was given up. What was not finished is taken up by the next `resume`. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#retry?.cancel();
    this.#folders.length = 0;
    this.#lanes.stop();
    await this.settled();
    this.#progress.stop();
  }

  #isAllowed(): boolean {
    return this.#ports.isAllowed?.() ?? true;
  }

  /** The same folder twice is once: whoever asks for it while it waits is served by that. */
  #queue(folder: MusicFolder, below: readonly string[] | null): boolean {
    if (this.#isStopping) return false;
    const at = this.#folders.findIndex((it) => it.folder.path === folder.path);
    const before = this.#folders[at];
    if (before === undefined && this.#folders.length >= FOLDERS_WAITING_MAX) return false;
    if (before === undefined) this.#folders.push({ folder, below });
    else {
      const isAll = below === null || before.below === null;
      const places = isAll ? null : outermost([...new Set([...(before.below ?? []), ...below])]);
      this.#folders[at] = { folder, below: places };
    }
    return true;
  }

  #start(): void {
    if (this.#run !== null || this.#isStopping) return;
    this.#run = this.#work()
      .catch((thrown: unknown) => {
        const error = toTonearmError(thrown);
        this.#ports.logger.error('ingest.failed', { code: error.code, message: error.message });
      })
      .finally(() => {
        this.#run = null;
        this.#progress.ended();
        if (this.#folders.length > 0) this.#start();
        else if (this.#hasNoRoom || this.#lanes.hasNoRoom) this.#retryLater();
      });
  }

  /** What is left is in the catalogue, and whoever freed some space should not have to say so. */
  #retryLater(): void {
    const { clock, logger } = this.#ports;
    if (this.#isStopping) return;
    logger.warn('ingest.no-room', { retryAfterMinutes: ROOM_AGAIN_AFTER_MS / 60_000 });
    this.#retry?.cancel();
    this.#retry = clock.setTimer('room for ingest', ROOM_AGAIN_AFTER_MS, () => {
      this.resume().catch((thrown: unknown) => {
        const error = toTonearmError(thrown);
        logger.error('ingest.failed', { code: error.code, message: error.message });
        this.#retryLater();
      });
    });
  }

  async #work(): Promise<void> {
    const { logger } = this.#ports;
    this.#retry?.cancel();
    this.#hasNoRoom = false;
    this.#progress.started();
    const run = await this.#ports.catalogue.nextScan();
    const encoded = this.#lanes.open(run);
    try {
      for (let next = this.#folders.shift(); next !== undefined; next = this.#folders.shift()) {
        await this.#scan(next, run);
      }
      await this.#ports.inspector.rest();
    } finally {
      this.#lanes.noMore();
      await encoded;
    }
    await this.#ports.encoder.rest();
    const { found, done, failed } = this.#progress.view();
    if (found > 0) logger.info('ingest.done', { found, done, failed });
  }

  async #scan({ folder, below }: WaitingFolder, run: number): Promise<void> {
    // A disk that was taken away looks like many files removed.
    const there = below === null ? null : await this.#ports.scanner.find(folder.path);
    if (there !== null && !(there.ok && there.value.deviceNumber === folder.deviceNumber)) return;
    this.#progress.folderEntered(folder.path);
    try {
      await scanFolder(
        this.#ports,
        { folder, below, run },
        {
          found: () => this.#progress.found(),
          done: () => this.#progress.done(1),
          failed: (file, error, isNews) => {
            this.#progress.failed({ count: 1, named: [file.relativePath] }, error);
            if (isNews) this.#changes.found({ kind: 'failed', path: file.relativePath, reason: error.message });
          },
          described: ({ id, title }, file, isNew) =>
            this.#changes.found({ kind: isNew ? 'added' : 'changed', path: file.relativePath, trackId: id, title }),
          scanned: (gone) => this.#changes.scanned(gone),
          preparing: () => this.#lanes.hasWork(),
          isStopping: () => this.#isStopping,
        },
      );
    } catch (thrown) {
      const error = toTonearmError(thrown);
      if (error.code === 'storage.full') this.#hasNoRoom = true;
      this.#ports.logger.error('ingest.scan-failed', { folder: folder.path, code: error.code, message: error.message });
    }
  }
}
