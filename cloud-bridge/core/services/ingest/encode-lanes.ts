/**
 * Works off the tracks that wait to be encoded, a few side by side, what is wanted first. A track gets the one quality
 * that makes it playable; its others follow when no track waits for its first.
 */
import type { UnfinishedTrack, WaitingTrack } from '#bridge/core/ports/catalogue-writer';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { headBytesOf } from '../content/head-bytes.ts';
import type { IngestPorts } from './ingest-ports.ts';
import type { IngestProgress } from './ingest-progress.ts';
import { FIRST_RUNG_KBPS } from './quality-ladder.ts';
import { serialOf } from './track-entry.ts';

/** Tracks that someone asked for; the latest counts most. */
const WANTED_MAX = 64;
/** After so many in a row that could not be stored, the rest is left for another run. */
const STORAGE_FAILURES_MAX = 3;
/** After so many that could not be had for reasons not their own (their drive is away), the rest is left as well. */
export const PASSED_OVER_MAX = 1_000;

export type LanePorts = Pick<IngestPorts, 'encoder' | 'catalogue' | 'blobs' | 'scanner' | 'logger'>;

export class EncodeLanes {
  readonly #ports: LanePorts;
  readonly #progress: IngestProgress;
  /** Latest first. */
  #wanted: TrackId[] = [];
  readonly #inHand = new Set<TrackId>();
  /** Given up in this run for reasons that are not the track's own. */
  readonly #passedOver = new Set<TrackId>();
  /** The number of the run, as the catalogue counts. */
  #run = 0;
  #isComing = false;
  /** A lane has the rest of a ladder in hand. */
  #isCompleting = false;
  #isStopping = false;
  /** In a row; a full disk would otherwise cost an encode of every track for nothing. */
  #storageFailures = 0;
  #wake: (() => void)[] = [];
  /** Grows with each wake-up: a lane that was asking the catalogue meanwhile asks again instead of sleeping over it. */
  #news = 0;

  constructor(ports: LanePorts, progress: IngestProgress) {
    this.#ports = ports;
    this.#progress = progress;
  }

  /** Starts working; more may come until `noMore`. @param run as the catalogue numbers it. @returns resolves when all is done */
  async open(run: number): Promise<void> {
    this.#run = run;
    this.#isComing = true;
    this.#storageFailures = 0;
    this.#passedOver.clear();
    await Promise.all(Array.from({ length: this.#ports.encoder.concurrency }, () => this.#lane()));
  }

  noMore(): void {
    this.#isComing = false;
    this.#wakeAll();
  }

  /** The catalogue has a track that waits. */
  hasWork(): void {
    this.#wakeAll();
  }

  want(id: TrackId): void {
    this.#wanted = [id, ...this.#wanted.filter((other) => other !== id)].slice(0, WANTED_MAX);
    this.#passedOver.delete(id);
    this.#wakeAll();
  }

  stop(): void {
    this.#isStopping = true;
    this.noMore();
  }

  /** Never rejects: a catalogue that cannot be written to ends the lane, and the next run begins where this one was. */
  async #lane(): Promise<void> {
    try {
      while (!this.#isStopping && !this.#hasGivenUp()) {
        const news = this.#news;
        const track = await this.#claim((inHand) => this.#ports.catalogue.nextWaiting(this.#wanted, inHand));
        const unfinished = track === null ? await this.#claimUnfinished() : null;
        if (track !== null) await this.#encode(track);
        else if (unfinished !== null) await this.#complete(unfinished);
        else if (!this.#isComing && !this.#isCompleting) return;
        else if (news === this.#news) await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    } catch (thrown) {
      const error = toTonearmError(thrown, 'storage.failed');
      this.#ports.logger.error('ingest.lane-failed', { code: error.code, message: error.message });
    }
  }

  /** What was encoded last could not be kept, nor what was before it. */
  get hasNoRoom(): boolean {
    return this.#storageFailures >= STORAGE_FAILURES_MAX;
  }

  #hasGivenUp(): boolean {
    return this.hasNoRoom || this.#passedOver.size >= PASSED_OVER_MAX;
  }

  /** @param next asks the catalogue, leaving out what is in hand */
  async #claim<Track extends WaitingTrack>(
    next: (inHand: ReadonlySet<TrackId>) => Promise<Track | null>,
  ): Promise<Track | null> {
    for (;;) {
      const track = await next(new Set([...this.#inHand, ...this.#passedOver]));
      // Another lane may have taken it while the catalogue was asked; asking again leaves it out.
      if (track !== null && this.#inHand.has(track.id)) continue;
      if (track !== null) this.#inHand.add(track.id);
      return track;
    }
  }

  /** One lane at a time: its job is spread over the threads, and the other lanes are free for what someone wants to hear. */
  async #claimUnfinished(): Promise<UnfinishedTrack | null> {
    const track = this.#isCompleting
      ? null
      : await this.#claim((inHand) => this.#ports.catalogue.nextUnfinished(inHand));
    if (track === null) return null;
    if (this.#isCompleting) {
      // Another lane was given one while the catalogue was asked.
      this.#inHand.delete(track.id);
      return null;
    }
    this.#isCompleting = true;
    return track;
  }

  async #encode(track: WaitingTrack): Promise<void> {
    try {
      const job = { sourcePath: track.sourcePath, serial: serialOf(track.id), bitratesKbps: [FIRST_RUNG_KBPS] };
      const error = await this.#store(track, { ...job, measuresLoudness: true });
      if (error !== null) await this.#giveUp(track, error);
      else this.#progress.done((await this.#ports.catalogue.settleTrack(track.id, this.#run)).count);
    } finally {
      this.#inHand.delete(track.id);
      this.#wanted = this.#wanted.filter((id) => id !== track.id);
    }
  }

  /** A track that plays stays as it is when its other qualities cannot be made now. */
  async #complete(track: UnfinishedTrack): Promise<void> {
    try {
      const job = { sourcePath: track.sourcePath, serial: serialOf(track.id), bitratesKbps: track.missingKbps };
      const error = await this.#store(track, { ...job, measuresLoudness: false });
      if (error === null) return;
      this.#passedOver.add(track.id);
      if (error.code !== 'ingest.busy') this.#warn(track, error);
    } finally {
      this.#inHand.delete(track.id);
      this.#isCompleting = false;
      this.#wakeAll();
    }
  }

  /** @returns why it could not be encoded or kept */
  async #store(track: WaitingTrack, job: EncodeJob): Promise<TonearmError | null> {
    const outcome = await this.#ports.encoder.encode(job);
    const error = outcome.ok ? await this.#keep(track, outcome.value) : outcome.error;
    this.#storageFailures =
      error?.code === 'storage.failed' || error?.code === 'storage.full' ? this.#storageFailures + 1 : 0;
    return error;
  }

  /** @returns why it could not be kept */
  async #keep(track: WaitingTrack, outcome: EncodeOutcome): Promise<TonearmError | null> {
    const { catalogue, blobs } = this.#ports;
    try {
      // First the bytes, then the fact: a kill between leaves an object that nobody knows, and the next try replaces it.
      for (const { file, scratchPath } of outcome.files) {
        await blobs.adopt(scratchPath, file.fileId, headBytesOf(file.segmentSizesBytes, file.headSegments));
      }
      await catalogue.trackEncoded(track.id, { ...outcome, files: outcome.files.map(({ file }) => file) });
    } catch (thrown) {
      await this.#withdraw(outcome);
      return toTonearmError(thrown, 'storage.failed');
    }
    return null;
  }

  /** The catalogue knows none of these files: a full disk must not stay full of them until the next start. */
  async #withdraw(outcome: EncodeOutcome): Promise<void> {
    const { blobs, logger } = this.#ports;
    for (const { file, scratchPath } of outcome.files) {
      try {
        await blobs.discard(scratchPath);
        await blobs.remove('object', file.fileId);
        await blobs.remove('head', file.fileId);
      } catch (thrown) {
        logger.warn('ingest.left-behind', { fileId: file.fileId, code: toTonearmError(thrown, 'storage.failed').code });
      }
    }
  }

  async #giveUp(track: WaitingTrack, error: TonearmError): Promise<void> {
    const { catalogue, scanner } = this.#ports;
    if (error.code === 'ingest.busy') {
      this.#passedOver.add(track.id);
      return;
    }
    this.#warn(track, error);
    const isItsFault = error.code === 'ingest.unreadable-file' || error.code === 'ingest.unsupported-format';
    // What the catalogue remembers as unreadable waits no more; only the rest has to be kept in mind.
    if (isItsFault && (await scanner.isThere(track.sourcePath))) await catalogue.trackUnreadable(track.id, error);
    else this.#passedOver.add(track.id);
    this.#progress.failed(await catalogue.settleTrack(track.id, this.#run), error);
  }

  #warn(track: WaitingTrack, error: TonearmError): void {
    const { code, message } = error;
    this.#ports.logger.warn('ingest.file-failed', { path: track.sourcePath, code, message });
  }

  #wakeAll(): void {
    this.#news += 1;
    const sleepers = this.#wake;
    this.#wake = [];
    for (const wake of sleepers) wake();
  }
}
