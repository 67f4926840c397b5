/**
 * The edges of a simulated household: places of its network like any other, far or near from where a speaker is, each in a
 * mood that may change at any moment. What a speaker fetches through them comes in pieces, as from a socket, and goes the
 * way of all traffic: who is cut off gets none, and a narrow link carries no more for an edge than for anybody.
 */
import {
  type ChunkSource,
  type FetchWatcher,
  type FileRequest,
  type PendingFetch,
  RETRY_AFTER_CONTEXT,
} from '#device/core/ports/chunk-source';
import type { Clock } from '#protocol/ports/clock';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { assert, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import type { CodedTrack } from '#sim/speakers/coded-track';
import { EDGE_MOODS, type EdgeMood, refusalOf } from '#sim/speakers/moody-edges';
import { type EdgeAnswer, VirtualEdgeFetch } from './virtual-edge-fetch.ts';

/** Those of `MoodyEdges`, and `slow`: it answers late, and music comes slower than it plays. */
export type VirtualEdgeMood = EdgeMood | 'slow';
export const VIRTUAL_EDGE_MOODS: readonly VirtualEdgeMood[] = [...EDGE_MOODS, 'slow'];

/** One way, by how far apart two regions are: the same, next to one another, farther. */
const DISTANCES: readonly Ms[] = [ms(0), ms(15), ms(60)];
/** What shedding edges ask for. */
const RETRY_AFTER_MS = 7_000;
/** Coded packets are a sixtieth of what music is (300 bytes a second): an edge as fast as a good line, and one too slow. */
const BYTES_PER_SECOND = 20_000;
const SLOW_BYTES_PER_SECOND = 150;
const SLOW_FIRST_BYTE: Ms = ms(1_500);
const EDGES_MAX = 8;
/** Of an answer, what comes before it stalls or breaks. */
const GOOD_SHARE = 0.9;

export interface VirtualEdgeOptions {
  readonly name: string;
  /** Regions of one list, each next to the one before and after it. */
  readonly region: number;
}

interface Edge extends VirtualEdgeOptions {
  readonly url: string;
  /** The address that its name means. */
  readonly place: string;
  mood: VirtualEdgeMood;
}

export interface EdgesWorld {
  readonly clock: Clock;
  readonly network: VirtualNetwork;
}

export class VirtualEdges {
  readonly #edges: readonly Edge[];
  readonly #files: ReadonlyMap<FileId, CodedTrack>;
  readonly #fetches = new Set<VirtualEdgeFetch>();
  /** Questions asked of each edge, by name. */
  readonly asked = new Map<string, number>();

  constructor(network: VirtualNetwork, library: readonly CodedTrack[], edges: readonly VirtualEdgeOptions[]) {
    assert(edges.length <= EDGES_MAX, `at most ${EDGES_MAX} edges`);
    this.#files = new Map(library.map((track) => [track.fileId, track]));
    this.#edges = edges.map(({ name, region }, place) => {
      const host = `10.1.0.${place + 1}`;
      network.names.set(`${name}.example`, host);
      network.listen(`http://${host}`, (link) => link.close(1000, 'an edge speaks HTTP alone'));
      return { name, region, url: `http://${name}.example`, place: `http://${host}`, mood: 'good' };
    });
  }

  names(): readonly string[] {
    return this.#edges.map(({ name }) => name);
  }

  /** What the network knows the edge by. */
  placeOf(name: string): string {
    return this.#named(name).place;
  }

  moodOf(name: string): VirtualEdgeMood {
    return this.#named(name).mood;
  }

  setMood(name: string, mood: VirtualEdgeMood): void {
    const edge = this.#named(name);
    edge.mood = mood;
    if (mood !== 'dead') return;
    for (const fetch of [...this.#fetches]) if (fetch.place === edge.place) fetch.refuse('fetch.unreachable');
  }

  /** As a bridge hands it out in this house. */
  listedIn(manifest: Manifest): Manifest {
    return { ...manifest, edges: this.#edges.map(({ url, region }) => ({ url, region: String(region) })) };
  }

  /** What a speaker in the region fetches from. @param world with the clock of its process */
  sourceAt(world: EdgesWorld, place: string, region: number): ChunkSource {
    return {
      fetchRange: (request, watcher) =>
        this.#fetch(world, { place, region, kind: 'range' }, request, request.range, watcher),
      fetchHead: (request, watcher) =>
        this.#fetch(world, { place, region, kind: 'head' }, request, { offset: 0, length: request.length }, watcher),
    };
  }

  #fetch(
    world: EdgesWorld,
    asker: { readonly place: string; readonly region: number; readonly kind: 'head' | 'range' },
    request: FileRequest,
    { offset, length }: { readonly offset: number; readonly length: number },
    watcher: FetchWatcher | undefined,
  ): PendingFetch<Uint8Array> {
    const edge = this.#edges.find(({ url }) => url === request.edgeUrl);
    if (edge === undefined) {
      const nobody = new TonearmError('fetch.unreachable', `${request.edgeUrl}: no such edge`);
      return { outcome: Promise.resolve(refused(nobody)), cancel: () => {} };
    }
    this.asked.set(edge.name, (this.asked.get(edge.name) ?? 0) + 1);
    const distance = DISTANCES[Math.min(DISTANCES.length - 1, Math.abs(edge.region - asker.region))] ?? ms(0);
    const answer = (): EdgeAnswer => this.#answer(edge, asker.kind, request.fileId, offset, length);
    const route = { from: asker.place, url: edge.url, distance };
    const fetch = new VirtualEdgeFetch(world, route, answer, watcher, () => this.#fetches.delete(fetch));
    this.#fetches.add(fetch);
    return { outcome: fetch.outcome, cancel: () => fetch.refuse('fetch.cancelled') };
  }

  /** Decided when the question is there. */
  #answer({ mood }: Edge, kind: 'head' | 'range', fileId: FileId, offset: number, length: number): EdgeAnswer {
    const data = this.#dataOf(fileId, offset, length);
    if (mood === 'silent') return { kind: 'nothing' };
    const code = refusalOf(mood === 'slow' ? 'good' : mood, kind, data);
    if (code !== null || data === null) return { kind: 'refusal', error: refusal(code ?? 'content.not-found') };
    if (mood === 'corrupt') data[length >> 1] = (data[length >> 1] ?? 0) ^ 1;
    const isSlow = mood === 'slow';
    return {
      kind: 'bytes',
      data,
      firstByteAfter: isSlow ? SLOW_FIRST_BYTE : ms(0),
      bytesPerSecond: mood === 'trickling' ? 1 : isSlow ? SLOW_BYTES_PER_SECOND : BYTES_PER_SECOND,
      ...(mood === 'stalling' || mood === 'breaking'
        ? { ends: { afterBytes: Math.floor(length * GOOD_SHARE), isBroken: mood === 'breaking' } }
        : {}),
    };
  }

  #dataOf(fileId: FileId, offset: number, length: number): Uint8Array | null {
    const stored = this.#files.get(fileId)?.content().stored;
    if (stored === undefined || offset + length > stored.length) return null;
    return stored.slice(offset, offset + length);
  }

  #named(name: string): Edge {
    const edge = this.#edges.find((it) => it.name === name);
    if (edge === undefined) throw new RangeError(`there is no edge ${name} in this house`);
    return edge;
  }
}

function refusal(code: ErrorCode): TonearmError {
  const context = code === 'content.overloaded' ? { [RETRY_AFTER_CONTEXT]: RETRY_AFTER_MS } : {};
  return new TonearmError(code, 'a virtual edge', { context });
}

/** The bridge's own source and that of its edges as one, as a speaker has it: an empty address means the bridge. */
export function joinSources(bridge: ChunkSource, edges: ChunkSource): ChunkSource {
  return {
    fetchRange: (request, watcher) => (request.edgeUrl === '' ? bridge : edges).fetchRange(request, watcher),
    fetchHead: (request, watcher) => (request.edgeUrl === '' ? bridge : edges).fetchHead(request, watcher),
  };
}
