/**
 * Compares the catalogue with the store and each stored file with itself, and puts right what can be. It runs beside
 * everything else: a file to be encoded anew stays where it is until its successor replaces it, so that whoever plays
 * it goes on.
 */
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { ObjectFault, ObjectVerifier } from '#bridge/core/ports/object-verifier';
import type { StoreCheckControl } from '#bridge/core/ports/store-check-control';
import type { IndexedFile, StoredFileIndex } from '#bridge/core/ports/stored-file-index';
import type { Logger } from '#protocol/ports/logger';
import { type ErrorCode, TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { STORE_PROBLEMS_SHOWN_MAX, type StoreCheckView, type StoreProblem } from '#protocol/wire/store-check';
import { headBytesOf } from '../content/head-bytes.ts';

/** Files in a row that the store could not give: then it is the store, and a check tells nothing about files. */
const UNREADABLE_MAX = 3;

export interface StoreCheckPorts {
  readonly index: StoredFileIndex;
  readonly verifier: ObjectVerifier;
  readonly blobs: Pick<BlobStore, 'list' | 'remove' | 'open' | 'putHead'>;
  readonly scanner: { isThere(path: string): Promise<boolean> };
  readonly ingest: { view(): { readonly isRunning: boolean }; bringForward(id: TrackId): void };
  readonly logger: Logger;
}

const NOTHING: StoreCheckView = {
  isRunning: false,
  isRepairing: false,
  total: 0,
  checked: 0,
  found: 0,
  repaired: 0,
  problems: [],
  failure: null,
};

export class StoreCheck implements StoreCheckControl {
  readonly #ports: StoreCheckPorts;
  #view = NOTHING;
  #run: Promise<void> | null = null;
  #isStopping = false;

  constructor(ports: StoreCheckPorts) {
    this.#ports = ports;
  }

  begin(options: { readonly isRepairing: boolean }): Result<void, TonearmError> {
    if (this.#run !== null || this.#isStopping) {
      return refused(new TonearmError('ingest.busy', 'a check is running: its progress is at the same address'));
    }
    this.#view = { ...NOTHING, isRunning: true, isRepairing: options.isRepairing };
    this.#run = this.#work().finally(() => {
      this.#run = null;
      this.#view = { ...this.#view, isRunning: false };
    });
    return ok(undefined);
  }

  view(): StoreCheckView {
    return this.#view;
  }

  /** Resolves when no check is running. */
  async settled(): Promise<void> {
    await this.#run;
  }

  /** Ends after the file in hand. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.settled();
  }

  /** Never rejects: what ends a check is part of what it says. */
  async #work(): Promise<void> {
    const { index, verifier, logger } = this.#ports;
    try {
      this.#view = { ...this.#view, total: await index.count() };
      await this.#findOrphans();
      await this.#verifyAll();
    } catch (thrown) {
      const error = toTonearmError(thrown, 'storage.failed');
      logger.error('check.failed', { code: error.code, message: error.message });
      this.#view = { ...this.#view, failure: error.toBody() };
    }
    await verifier.rest();
    const { total, checked, found, repaired } = this.#view;
    logger.info('check.done', { total, checked, found, repaired });
  }

  /** What an ingest has just put there is not known yet, so orphans are looked for only while none is running. */
  async #findOrphans(): Promise<void> {
    const { blobs, index, ingest } = this.#ports;
    if (ingest.view().isRunning) return;
    for await (const item of blobs.list()) {
      if (this.#isStopping || ingest.view().isRunning) return;
      if (await index.has(item.fileId)) continue;
      if (this.#view.isRepairing) await blobs.remove(item.kind, item.fileId);
      const error = new TonearmError('catalogue.not-found', `a stored ${item.kind} that no track has`);
      this.#report(
        { kind: 'orphan', fileId: item.fileId, source: null, error: error.toBody() },
        this.#view.isRepairing,
      );
    }
  }

  async #verifyAll(): Promise<void> {
    let after: FileId | null = null;
    let unreadable = 0;
    for (;;) {
      const page: readonly IndexedFile[] = await this.#ports.index.page(after);
      for (const indexed of page) {
        if (this.#isStopping) return;
        unreadable = (await this.#verify(indexed)) ? 0 : unreadable + 1;
        if (unreadable >= UNREADABLE_MAX) throw new TonearmError('storage.failed', 'the store cannot be read');
        this.#view = { ...this.#view, checked: this.#view.checked + 1 };
        after = indexed.file.fileId;
      }
      if (page.length === 0) return;
    }
  }

  /** @returns whether the store could be read */
  async #verify(indexed: IndexedFile): Promise<boolean> {
    const { index, verifier } = this.#ports;
    const { fileId } = indexed.file;
    const verified = await verifier.verify(indexed.file);
    const source = indexed.sourcePath;
    // A verifier that is ended in the middle of a file says nothing of the file.
    if (this.#isStopping) return true;
    if (!verified.ok) {
      this.#report({ kind: 'unreadable', fileId, source, error: verified.error.toBody() }, false);
      return false;
    }
    const fault = verified.value;
    // An ingest may have replaced or dropped it while it was read.
    if (fault === null || !(await index.has(fileId))) return true;
    const isRepaired = this.#view.isRepairing && (await this.#repair(indexed, fault));
    const error = new TonearmError(codeOf(fault), fault.message);
    this.#report({ kind: fault.kind, fileId, source, error: error.toBody() }, isRepaired);
    return true;
  }

  /** @returns false when its source is gone */
  async #repair(indexed: IndexedFile, fault: ObjectFault): Promise<boolean> {
    const { index, ingest, scanner } = this.#ports;
    if (fault.kind === 'wrong-head') {
      await this.#rewriteHead(indexed);
      return true;
    }
    if (indexed.sourcePath === null || !(await scanner.isThere(indexed.sourcePath))) return false;
    await index.forget(indexed.file.fileId);
    ingest.bringForward(indexed.trackId);
    return true;
  }

  async #rewriteHead({ file }: IndexedFile): Promise<void> {
    const { blobs } = this.#ports;
    const object = await blobs.open(file.fileId);
    if (!object.ok) throw object.error;
    const head = new Uint8Array(headBytesOf(file.segmentSizesBytes, file.headSegments));
    let filled = 0;
    for await (const piece of object.value.read(bytes(0), bytes(head.length))) {
      head.set(piece, filled);
      filled += piece.length;
    }
    await blobs.putHead(file.fileId, head);
  }

  #report(problem: Omit<StoreProblem, 'isRepaired'>, isRepaired: boolean): void {
    const { found, repaired } = this.#view;
    const problems = [{ ...problem, isRepaired }, ...this.#view.problems].slice(0, STORE_PROBLEMS_SHOWN_MAX);
    this.#view = { ...this.#view, problems, found: found + 1, repaired: repaired + (isRepaired ? 1 : 0) };
    const { kind, fileId, source, error } = problem;
    this.#ports.logger.warn('check.problem', { kind, fileId, source, code: error.code, isRepaired });
  }
}

function codeOf(fault: ObjectFault): ErrorCode {
  return fault.kind === 'missing' ? 'content.not-found' : 'content.corrupt';
}
