/** The HTTP and WebSocket doors with nothing real behind them: a small library, one file, a household that records. */
import { createHash } from 'node:crypto';
import { createRestDoor, type RestDoor } from '#bridge/adapters/rest/rest-door';
import { openSocketDoor, type SocketDoor } from '#bridge/adapters/websocket/socket-door';
import { createPerimeter } from '#bridge/core/perimeter/perimeter';
import type { SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import { type CallerCheck, OPEN_HOUSE } from '#bridge/core/ports/callers';
import type { Album, CatalogueReader, Track } from '#bridge/core/ports/catalogue';
import type {
  ArtReader,
  ContentReader,
  ManifestAsker,
  ManifestService,
  StoredObject,
} from '#bridge/core/ports/content';
import type { FlightPost } from '#bridge/core/ports/flight-post';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import type { LibraryChange } from '#bridge/core/ports/library-changes';
import type { LyricsReader } from '#bridge/core/ports/lyrics';
import type { Playlist } from '#bridge/core/ports/playlists';
import type { StoreCheckControl } from '#bridge/core/ports/store-check-control';
import { AccessControl } from '#bridge/core/services/access/access-control';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import { ContentCounts } from '#bridge/core/services/content/content-counts';
import { FirmwareDesk } from '#bridge/core/services/firmware/firmware-desk';
import { EdgeBook } from '#bridge/core/services/playback/edge-book';
import { SpeakerRegistry } from '#bridge/core/services/speakers/speaker-registry';
import { sliceOf } from '#bridge/core/views/web-api-page';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, artistId, fileId, playlistId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes, frames, type Ms } from '#protocol/vocabulary/units';
import { createVirtualAccounts } from '#sim/accounts/virtual-accounts';
import { createLonePairing } from '#sim/pairing/lone-pairing';
import { MemoryFirmwareShelf } from '#sim/updates/memory-firmware-shelf';
import { createAccessDisk, createMemoryAccessStore } from '#sim/world/memory-access-store';
import { createMemoryPairedSpeakers, type PairedDisk } from '#sim/world/memory-paired-speakers';
import { createMemoryPlaylists } from '../content/memory-playlists.ts';
import { createMemoryRules } from '../content/memory-rules.ts';
import { RecordingHousehold } from './recording-household.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const ARTIST = { id: artistId('a'.repeat(22)), name: 'The Oscillators' };
export const ALBUM_ID = albumId('b'.repeat(22));
export const FILE_ID = fileId('f'.repeat(64));
export const EDGE_URL = 'http://edge.example';
export const FILE_TOKEN = 'let-me-in';
const PIECE_BYTES = 64 * 1024;

/** Track n of the bench's library, which has three. */
export function benchTrackId(n: number): TrackId {
  return trackId(String(n).padStart(22, '0'));
}

/** Of tracks 3, 1, 3. */
export const PLAYLIST: Playlist = {
  id: playlistId('p'.repeat(22)),
  name: 'Evening',
  trackIds: [3, 1, 3].map(benchTrackId),
};

/** What has become of the bench's files. */
const LIBRARY_CHANGES: readonly LibraryChange[] = [
  { number: 1, kind: 'added', path: 'a/1.wav', trackId: benchTrackId(1), title: 'Tone 1' },
  { number: 2, kind: 'removed', path: 'a/0.wav' },
];

export class RestBench {
  readonly household = new RecordingHousehold();
  readonly ingested: string[] = [];
  /** Whether each check that was begun was to repair. */
  readonly checks: boolean[] = [];
  readonly door: RestDoor;
  readonly sockets: SocketDoor;
  /** The stored file; byte n is n modulo 251. */
  fileSizeBytes = 1_000;
  /** Pieces that readers have taken of it, and readers that are done or gave up. */
  piecesRead = 0;
  readersEnded = 0;
  /** Who asked for manifests, as the door put it. */
  readonly askers: ManifestAsker[] = [];
  readonly access: AccessControl;
  /** Nobody is in it, and with `isOpen` nobody is asked who they are. */
  readonly accounts: Accounts;
  readonly edges: EdgeBook;
  readonly firmware = new MemoryFirmwareShelf();
  readonly paired: PairedDisk = new Map();
  readonly counts = new ContentCounts();
  /** Makes every catalogue read fail with it. */
  bug: Error | null = null;

  constructor(
    options: {
      readonly isOpen?: boolean;
      readonly stalledAfter?: Ms;
      readonly contentResponsesMax?: number;
      /** Absent: nothing is recorded. */
      readonly flight?: FlightPost;
      /** Absent: speakers are not asked who they are. */
      readonly gate?: SpeakerGate;
    } = {},
  ) {
    const clock = createSystemClock();
    const perimeter = createPerimeter(clock, { hostNames: ['pantry'] });
    const page = new Map([
      ['/', { mediaType: 'text/html; charset=utf-8', etag: '"e1"', content: Buffer.from('<p>hello') }],
      ['/app.js', { mediaType: 'text/javascript; charset=utf-8', etag: '"e2"', content: Buffer.from('0') }],
    ]);
    this.access = new AccessControl({ clock, store: createMemoryAccessStore(createAccessDisk()) });
    void this.access.start({ country: null });
    this.accounts = createVirtualAccounts({ clock, random: createSystemRandom() });
    void this.accounts.book.start();
    this.edges = new EdgeBook({ clock, probe: { probe: async () => null } }, [{ url: EDGE_URL, region: 'attic' }]);
    const { household, access, edges, counts } = this;
    const delivery = { access, edges, counts, keys: () => ({ issuer: 'bridge', keys: [] }), check: this.#check() };
    const callers: CallerCheck = options.isOpen === false ? this.accounts.callers : OPEN_HOUSE;
    const doors = { clock, logger: silentLogger, perimeter, callers };
    const pairing = createLonePairing(clock);
    const speakers = new SpeakerRegistry({
      logger: silentLogger,
      paired: createMemoryPairedSpeakers(this.paired),
      household,
      isPerson: (id) => this.accounts.book.person(id) !== undefined,
    });
    const common = {
      ...doors,
      flight: options.flight ?? null,
      accounts: this.accounts,
      pairing,
      speakers,
      random: createSystemRandom(),
      household,
    };
    const library = { lyrics: this.#lyrics(), rules: createMemoryRules([benchTrackId(1)], [ALBUM_ID]) };
    const ports = {
      ...(options.gate === undefined ? {} : { gate: options.gate }),
      ...common,
      ...delivery,
      ...library,
      ...this.#content(),
      catalogue: this.#catalogue(),
      playlists: createMemoryPlaylists([PLAYLIST]),
      ingest: this.#ingest(),
      firmware: new FirmwareDesk({ ...doors, household, shelf: this.firmware, check: ed25519Check, sha256 }),
    };
    this.door = createRestDoor(ports, { name: 'House', version: '1', page, ...options });
    this.sockets = openSocketDoor(doors, this.door.server, household);
  }

  /** Takes one check and no second. */
  #check(): StoreCheckControl {
    const counts = { total: 0, checked: 0, found: 0, repaired: 0 };
    return {
      begin: ({ isRepairing }) => {
        if (this.checks.length > 0) return refused(new TonearmError('ingest.busy', 'a check is running'));
        this.checks.push(isRepairing);
        return ok(undefined);
      },
      view: () => ({ isRunning: this.checks.length > 0, isRepairing: false, ...counts, problems: [], failure: null }),
    };
  }

  async close(): Promise<void> {
    await this.sockets.close();
    await this.door.close();
  }

  #tracks(): Track[] {
    if (this.bug !== null) throw this.bug;
    return [1, 2, 3].map((n) => ({
      id: benchTrackId(n),
      title: `Tone ${n}`,
      artists: [ARTIST],
      album: { id: ALBUM_ID, title: 'Tones', artists: [ARTIST] },
      discNumber: 1,
      trackNumber: n,
      durationFrames: frames(48_000 * 60),
      year: 1977,
      genres: [],
      artPath: '/tonearm/v1/art/cover',
      availability: 'ready',
      addedAtMs: 0,
    }));
  }

  #lyrics(): LyricsReader {
    const none = refused(new TonearmError('catalogue.not-found', 'it has no lyrics'));
    const lines = [{ startMs: 500, text: 'Hum' }];
    return { lyrics: async (id) => (id === benchTrackId(1) ? ok({ kind: 'timed', lines }) : none) };
  }

  #catalogue(): CatalogueReader {
    const missing = () => refused(new TonearmError('catalogue.not-found', 'that is not in the library'));
    const album: Album = {
      ...{ id: ALBUM_ID, title: 'Tones', artists: [ARTIST], year: 1977, genres: [] },
      ...{ trackCount: 3, artPath: null, addedAtMs: 0 },
    };
    const artist = { ...ARTIST, albumCount: 1 };
    return {
      track: async (id) => {
        const found = this.#tracks().find((it) => it.id === id);
        return found === undefined ? missing() : ok(found);
      },
      tracks: async (ids) => ids.flatMap((id) => this.#tracks().find((it) => it.id === id) ?? []),
      album: async (id) => (id === ALBUM_ID ? ok(album) : missing()),
      albumTracks: async (id) => (id === ALBUM_ID ? ok(this.#tracks()) : missing()),
      artist: async (id) => (id === ARTIST.id ? ok(artist) : missing()),
      artistAlbums: async (id, page) => (id === ARTIST.id ? ok(sliceOf([album], page)) : missing()),
      artistTracks: async (id) => (id === ARTIST.id ? ok(this.#tracks()) : missing()),
      albums: async (page) => sliceOf([album], page),
      allTracks: async (page) => sliceOf(this.#tracks(), page),
      genres: async (page) => sliceOf([{ name: 'Drone', trackCount: 3 }], page),
      artists: async (page) => sliceOf([artist], page),
      search: async (_query, page) => ({
        tracks: sliceOf(this.#tracks(), page),
        albums: sliceOf([album], page),
        artists: sliceOf([artist], page),
      }),
    };
  }

  #ingest(): IngestControl {
    return {
      begin: async (folder) => {
        if (folder === '/nowhere') return refused(new TonearmError('ingest.folder-not-found', `no folder ${folder}`));
        if (this.ingested.length > 0) return refused(new TonearmError('ingest.busy', 'one at a time'));
        this.ingested.push(folder);
        return ok(undefined);
      },
      view: () => this.household.shown.ingest,
      changes: () => ({ after: (number) => LIBRARY_CHANGES.slice(number), last: () => LIBRARY_CHANGES.length }),
      listen: () => () => undefined,
    };
  }

  #content(): { manifests: ManifestService; content: ContentReader; art: ArtReader } {
    const manifest = {
      trackId: benchTrackId(1),
      durationFrames: frames(48_000),
      loudness: null,
      files: [],
      edges: [],
      token: FILE_TOKEN,
      tokenExpiresAtMs: 1,
    };
    const no = () => refused(new TonearmError('content.token-refused', 'this token does not open this file now'));
    return {
      manifests: {
        manifestFor: async (id, asker) => {
          this.askers.push(asker);
          if (id === benchTrackId(1)) return ok(manifest);
          if (id === benchTrackId(2)) return refused(new TonearmError('content.preparing', 'soon'));
          return refused(new TonearmError('catalogue.not-found', 'no such track'));
        },
      },
      content: {
        authorise: async ({ fileId: id, token }) =>
          token === FILE_TOKEN && id === FILE_ID ? ok({ expiresAtS: Date.now() / 1000 + 100 }) : no(),
        open: async ({ fileId: id, token }) => {
          if (token !== FILE_TOKEN) return no();
          return id === FILE_ID ? ok(this.#stored()) : refused(new TonearmError('content.not-found', 'no such file'));
        },
        openHead: async ({ fileId: id, token }) => (token === FILE_TOKEN && id === FILE_ID ? ok(this.#stored()) : no()),
      },
      art: {
        art: async (key) => {
          if (key !== 'cover') return refused(new TonearmError('content.not-found', 'no such picture'));
          return ok({ mediaType: 'image/png', bytes: Uint8Array.of(1, 2, 3) });
        },
      },
    };
  }

  #stored(): StoredObject {
    const bench = this;
    return {
      sizeBytes: bytes(this.fileSizeBytes),
      async *read(offset, length) {
        try {
          for (let sent = 0; sent < length; sent += PIECE_BYTES) {
            bench.piecesRead += 1;
            const size = Math.min(PIECE_BYTES, length - sent);
            yield Uint8Array.from({ length: size }, (_, place) => (offset + sent + place) % 251);
          }
        } finally {
          bench.readersEnded += 1;
        }
      },
    };
  }
}
