/** One pass over one folder: new and changed files are read, unchanged ones skipped, vanished ones forgotten. */
import type { KnownSource, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import type { MusicFolder, ScanEvent, SourceFile } from '#bridge/core/ports/folder-scanner';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { IngestPorts } from './ingest-ports.ts';
import { describeTrack } from './track-entry.ts';

export type ScanPorts = Pick<
  IngestPorts,
  'scanner' | 'inspector' | 'catalogue' | 'lyrics' | 'blobs' | 'digest' | 'logger'
>;

export interface Scan {
  readonly folder: MusicFolder;
  /** Only these folders in it, when they are known to be all that changed; null: all of it. */
  readonly below: readonly string[] | null;
  /** The number that the catalogue gave to the run that this scan belongs to. */
  readonly run: number;
}

/** What becomes of each file that is found, each told once a run: `done`, `failed`, or `preparing` until it is encoded. */
export interface ScanListener {
  found(): void;
  done(): void;
  /** @param isNews false: it has failed before and is still the same */
  failed(file: SourceFile, error: TonearmError, isNews: boolean): void;
  /** It is in the catalogue and waits to be encoded. */
  preparing(): void;
  /** What it is now called; told besides one of the above. */
  described(entry: TrackEntry, file: SourceFile, isNew: boolean): void;
  /** The scan is over. @param gone paths below the folder that are there no more; not all of them when there are many */
  scanned(gone: readonly { readonly path: string; readonly trackId: TrackId | null }[]): void;
  isStopping(): boolean;
}

export async function scanFolder(
  ports: ScanPorts,
  { folder, below, run }: Scan,
  listener: ScanListener,
): Promise<void> {
  const { catalogue, logger } = ports;
  const scan = await catalogue.nextScan();
  const unseen: string[] = [];
  let found = 0;
  for await (const event of scanEach(ports, folder, below)) {
    if (listener.isStopping()) return;
    if (event.kind === 'folderSkipped') {
      logger.warn('ingest.folder-skipped', { folder: event.path, reason: event.reason });
      unseen.push(event.path);
      continue;
    }
    found += 1;
    const known = await catalogue.source(event.file.path);
    // Met before in this run, since its folder was given twice or another link leads to it.
    if (known === null || known.scan <= run) listener.found();
    if (known !== null && isUnchanged(known, event.file)) {
      await reportUnchanged(ports, event.file, { known, scan, run }, listener);
    } else {
      await readFile(ports, folder, { file: event.file, isNew: known === null, scan, run }, listener);
    }
  }
  if (found === 0 && (await hasGoneAway(ports, folder))) {
    logger.warn('ingest.folder-away', {
      folder: folder.path,
      reason: 'it is empty, and not on the disk that it was on',
    });
    return;
  }
  const within = below?.map((place) => `${folder.path}${separatorOf(folder)}${place}${separatorOf(folder)}`) ?? null;
  const { count: forgotten, named } = await catalogue.forgetUnseen(folder, scan, unseen, within);
  listener.scanned(named.map((gone) => ({ ...gone, path: gone.path.slice(folder.path.length + 1) })));
  await catalogue.rememberFolder(folder);
  logger.info('ingest.scanned', { folder: folder.path, found, forgotten });
}

/** All places before anything is forgotten: a file that moved from one to another is then known by its music. */
async function* scanEach(
  ports: ScanPorts,
  folder: MusicFolder,
  below: readonly string[] | null,
): AsyncGenerator<ScanEvent> {
  for (const place of below ?? ['']) yield* ports.scanner.scan(folder, place);
}

function separatorOf(folder: MusicFolder): string {
  return folder.path.includes('\\') ? '\\' : '/';
}

/** A file that only wanted another decoder is tried again: there may be one now, and to find out costs little. */
function isUnchanged(known: KnownSource, file: SourceFile): boolean {
  if (known.failure?.code === 'ingest.unsupported-format') return false;
  return known.sizeBytes === file.sizeBytes && known.modifiedMs === file.modifiedMs;
}

async function reportUnchanged(
  ports: ScanPorts,
  file: SourceFile,
  { known, scan, run }: { readonly known: KnownSource; readonly scan: number; readonly run: number },
  listener: ScanListener,
): Promise<void> {
  const { catalogue } = ports;
  // Seen first: what is encoded from here on counts this path with its track.
  const isStored = await catalogue.sourceSeen(file.path, scan);
  if (known.failure === null && !isStored) return listener.preparing();
  if (!(await catalogue.settleSource(file.path, run))) return;
  if (known.failure === null) listener.done();
  else listener.failed(file, known.failure, false);
}

async function readFile(
  ports: ScanPorts,
  folder: MusicFolder,
  {
    file,
    isNew,
    scan,
    run,
  }: { readonly file: SourceFile; readonly isNew: boolean; readonly scan: number; readonly run: number },
  listener: ScanListener,
): Promise<void> {
  const facts = await ports.inspector.inspect(file);
  if (!facts.ok) {
    if (facts.error.code === 'ingest.busy') return;
    ports.logger.warn('ingest.file-failed', { path: file.path, code: facts.error.code, message: facts.error.message });
    await ports.catalogue.putFailedSource(folder, file, scan, facts.error);
    if (await ports.catalogue.settleSource(file.path, run)) listener.failed(file, facts.error, true);
    return;
  }
  const { digest, tags, picture, pictureProblem, lyrics } = facts.value;
  if (pictureProblem !== null) {
    ports.logger.debug('ingest.picture-refused', { path: file.path, reason: pictureProblem });
  }
  if (picture !== null) await ports.blobs.putPicture(picture.key, picture.bytes);
  const entry = describeTrack(ports.digest, {
    digest,
    tags,
    relativePath: file.relativePath,
    folderName: folder.path.split(/[/\\]/).at(-1) ?? folder.path,
    pictureKey: picture?.key ?? null,
  });
  const { catalogue } = ports;
  const state = await catalogue.putSource(folder, file, scan, entry);
  await ports.lyrics.putLyrics(entry.id, lyrics);
  if (state !== 'unreadable') listener.described(entry, file, isNew);
  if (state === 'preparing') return listener.preparing();
  const failure = state === 'unreadable' ? await catalogue.trackFailure(entry.id) : null;
  if (!(await catalogue.settleSource(file.path, run))) return;
  if (failure === null) listener.done();
  else listener.failed(file, failure, true);
}

/** An empty folder on another file system than before is a mount point whose disk is away. */
async function hasGoneAway(ports: ScanPorts, folder: MusicFolder): Promise<boolean> {
  const before = (await ports.catalogue.folders()).find((it) => it.path === folder.path);
  if (before === undefined || before.deviceNumber === folder.deviceNumber) return false;
  return (await ports.catalogue.sourceCount(folder)) > 0;
}
