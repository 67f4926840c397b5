/** How ingest changes the catalogue. Each call is one transaction: after it returned, a kill does not undo it. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, ArtistId, TrackId } from '#protocol/vocabulary/ids';
import type { Frames, Kbps } from '#protocol/vocabulary/units';
import type { MusicFolder, SourceFile } from './folder-scanner.ts';
import type { EncodedFile, EncodedMusic, Loudness } from './track-encoder.ts';

export interface ArtistEntry {
  readonly id: ArtistId;
  readonly name: string;
  /** What it is ordered by. */
  readonly sortName: string;
}

/** A track as its file describes it, names filled in. */
export interface TrackEntry {
  readonly id: TrackId;
  readonly title: string;
  readonly sortTitle: string;
  readonly artists: readonly ArtistEntry[];
  readonly album: {
    readonly id: AlbumId;
    readonly title: string;
    readonly sortTitle: string;
    /** Null: the artist of its tracks when they have one in common, else various artists; the catalogue finds out. */
    readonly artists: readonly ArtistEntry[] | null;
  };
  readonly discNumber: number;
  readonly trackNumber: number;
  readonly durationFrames: Frames;
  readonly year: number | null;
  readonly genres: readonly string[];
  readonly pictureKey: string | null;
  /** False: only its name says that it is music; phones see it once it has been decoded. */
  readonly isCertain: boolean;
}

/** What is remembered of a path, so that an unchanged one need not be opened. */
export interface KnownSource {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly trackId: TrackId | null;
  /** The last scan that saw it. */
  readonly scan: number;
  /** Why it could not be taken in. */
  readonly failure: TonearmError | null;
}

/** What becomes of a path that is taken in. */
export type SourceState = 'preparing' | 'ready' | 'unreadable';

/** Paths whose end was counted, each once a run. */
export interface Settled {
  readonly count: number;
  /** Below their music folder; at most `SETTLED_NAMED_MAX` of them. */
  readonly named: readonly string[];
}

/** The same music is seldom in more than a few places, and a failure is shown once for each. */
export const SETTLED_NAMED_MAX = 50;

/** Paths that are known no more. */
export interface Forgotten {
  readonly count: number;
  /** At most `FORGOTTEN_NAMED_MAX` of them. */
  readonly named: readonly { readonly path: string; readonly trackId: TrackId | null }[];
}

/** Enough to tell people what went, and to know renamed files by their music. */
export const FORGOTTEN_NAMED_MAX = 200;

/** A track that is known from its tags and has not been encoded. */
export interface WaitingTrack {
  readonly id: TrackId;
  readonly sourcePath: string;
}

/** A track that can be played and lacks some of its qualities. */
export interface UnfinishedTrack extends WaitingTrack {
  readonly missingKbps: readonly Kbps[];
}

/** What encoding found out about a track, to be remembered with it. */
export interface EncodedTrack extends EncodedMusic {
  readonly files: readonly EncodedFile[];
}

/** All that is stored of a track. */
export interface StoredTrack {
  /** One a quality, ascending; at least one. */
  readonly files: readonly EncodedFile[];
  readonly durationFrames: Frames;
  readonly loudness: Loudness | null;
  /** Of its album as one piece; null until all of its tracks have been measured. */
  readonly albumLoudness: Loudness | null;
}

export interface CatalogueWriter {
  folders(): Promise<readonly MusicFolder[]>;
  rememberFolder(folder: MusicFolder): Promise<void>;

  source(path: string): Promise<KnownSource | null>;
  sourceCount(folder: MusicFolder): Promise<number>;
  /** Marks a path as seen by the scan numbered `scan`. @returns false: its music is still to be encoded */
  sourceSeen(path: string, scan: number): Promise<boolean>;
  /**
   * Takes a file in: `preparing`, or at once `ready` when its music is already stored, `unreadable` when the same bytes
   * could not be decoded elsewhere. The same id again takes over the newer description.
   */
  putSource(folder: MusicFolder, file: SourceFile, scan: number, entry: TrackEntry): Promise<SourceState>;
  /** The file itself is no good; a track that only it gave is gone with it. */
  putFailedSource(folder: MusicFolder, file: SourceFile, scan: number, failure: TonearmError): Promise<void>;
  /**
   * Forgets paths of this folder that scan `scan` did not see, but for those that begin with one of `kept`; only those
   * that begin with one of `below`, unless that is null. Tracks without a path go with them. A transaction per few
   * hundred paths: after a kill the next scan forgets the rest.
   */
  forgetUnseen(
    folder: MusicFolder,
    scan: number,
    kept: readonly string[],
    below?: readonly string[] | null,
  ): Promise<Forgotten>;
  /** A number no earlier scan had. A run of scans takes one for itself first: what has a higher number belongs to it. */
  nextScan(): Promise<number>;
  /**
   * A path has come to its end in the run that began with number `run`: it is done or has failed.
   * @returns false: that was counted before, when the file was met earlier in this run
   */
  settleSource(path: string, run: number): Promise<boolean>;
  /** As `settleSource`, for every path of the track that this run has seen. */
  settleTrack(id: TrackId, run: number): Promise<Settled>;

  /** The next to encode: `wanted` first, then by path; none of `except`. Null when all are done. */
  nextWaiting(wanted: readonly TrackId[], except: ReadonlySet<TrackId>): Promise<WaitingTrack | null>;
  /** The next of those that lack qualities, in the order they came; none of `except`. Null when all are complete. */
  nextUnfinished(except: ReadonlySet<TrackId>): Promise<UnfinishedTrack | null>;
  /** Adds files to the track, which is `ready` with the first. A quality that it has already is replaced. */
  trackEncoded(id: TrackId, outcome: EncodedTrack): Promise<void>;
  /** It will not be tried again until its file changes. */
  trackUnreadable(id: TrackId, failure: TonearmError): Promise<void>;

  storedTrack(id: TrackId): Promise<StoredTrack | null>;
  trackFailure(id: TrackId): Promise<TonearmError | null>;
  /** Forgets stored files of tracks that are gone, or that were encoded by another recipe. */
  sweepFiles(): Promise<void>;
}
