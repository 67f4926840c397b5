/**
 * The bridge's content door as a virtual speaker reaches it: manifests and byte ranges of a library, over the same
 * virtual network as its socket. When the bridge is dead or the way is cut, so is the music's source.
 */
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import type {
  BridgeLocator,
  ChunkSource,
  EdgeReportSink,
  HeadRequest,
  ManifestSource,
  PendingFetch,
  RangeRequest,
} from '#device/core/ports/chunk-source';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId, TrackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import type { VirtualEdges } from '#sim/edge/virtual-edges';
import { exchange } from '#sim/network/virtual-exchange';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import type { CodedTrack } from './coded-track.ts';

/** Bytes per track are few (coded packets are 6 bytes), so this is never full; a speaker's own limit is 16 MiB. */
const STORE_BYTES = bytes(4 * 1024 * 1024);
/** A home's WiFi on a bad day. */
const LINK_KBPS = 10_000;

export function createVirtualChunkStore(): ChunkStore {
  return createMemoryChunkStore(STORE_BYTES);
}

export class VirtualContent implements ManifestSource, ChunkSource, BridgeLocator, EdgeReportSink {
  readonly #world: { readonly clock: Clock; readonly network: VirtualNetwork };
  readonly #place: string;
  readonly #tracks: ReadonlyMap<TrackId, CodedTrack>;
  readonly #files: ReadonlyMap<FileId, CodedTrack>;
  readonly #edges: VirtualEdges | null;
  #address: string | null = null;

  /**
   * @param place who asks, by the name it has on the network
   * @param edges that this bridge's manifests list; null: none
   */
  constructor(
    world: { readonly clock: Clock; readonly network: VirtualNetwork },
    place: string,
    library: readonly CodedTrack[],
    edges: VirtualEdges | null = null,
  ) {
    this.#edges = edges;
    this.#world = world;
    this.#place = place;
    this.#tracks = new Map(library.map((track) => [track.trackId, track]));
    this.#files = new Map(library.map((track) => [track.fileId, track]));
  }

  /** The content door is where the socket's is, under another scheme. */
  setBridge(url: string | null): void {
    this.#address = url === null ? null : url.replace(/^http/, 'ws');
  }

  fetchManifest(trackId: TrackId): PendingFetch<Manifest> {
    return this.#ask(async () => {
      const track = this.#tracks.get(trackId);
      return track === undefined
        ? refused(new TonearmError('catalogue.not-found', `no track ${trackId}`))
        : ok(this.#edges?.listedIn(track.content().manifest) ?? track.content().manifest);
    });
  }

  fetchRange({ fileId, range }: RangeRequest): PendingFetch<Uint8Array> {
    return this.#ask(
      async () => {
        const stored = this.#files.get(fileId)?.content().stored;
        if (stored === undefined) return refused(new TonearmError('content.not-found', `no file ${fileId}`));
        return ok(stored.slice(range.offset, range.offset + range.length));
      },
      { size: (data) => data.length, kbps: LINK_KBPS },
    );
  }

  fetchHead({ length, ...request }: HeadRequest): PendingFetch<Uint8Array> {
    return this.fetchRange({ ...request, range: { offset: bytes(0), length } });
  }

  /** Nobody asks for them here. */
  reportEdges(): void {}

  #ask<Value>(
    serve: Parameters<typeof exchange<Value>>[2],
    terms?: Parameters<typeof exchange<Value>>[3],
  ): PendingFetch<Value> {
    if (this.#address === null) {
      const unknown = new TonearmError('fetch.unreachable', 'the bridge is not known yet');
      return { outcome: Promise.resolve(refused(unknown)), cancel: () => {} };
    }
    return exchange(this.#world, { from: this.#place, to: this.#address }, serve, terms);
  }
}
