/**
 * In which order a speaker is told to try the edges: the one decision, as a pure function over what is known of them.
 *
 * It begins as the plan for this service did: the first edge, in the order in which they were configured, that is
 * healthy and answers within 50 ms, else the last. Here the last is the bridge itself, which always works as long as
 * anything does; slower edges still come before it, because sending everybody to the origin when edges slow down is
 * how an origin goes down.
 */
import type { Ms } from '#protocol/vocabulary/units';
import { ms } from '#protocol/vocabulary/units';

/** An edge that answers within this is as good as any; among those the household's own order decides. */
export const FAST_FIRST_BYTE: Ms = ms(50);
/** A speaker for which more of an edge's answers failed than this is sent elsewhere first. */
const FAILURE_SHARE_MAX = 0.2;

/** `trial`: it was down and has answered again; it has to prove itself behind the others. */
export type EdgeCondition = 'up' | 'trial' | 'down';

export interface EdgeFacts {
  readonly url: string;
  /** Null: nobody has said. */
  readonly region: string | null;
  readonly condition: EdgeCondition;
  /** To the first byte, for this speaker if it has said, else for the household; null: not measured yet. */
  readonly firstByteMs: Ms | null;
  /** Of this speaker's own latest requests, 0 to 1; null: it has not said. */
  readonly failureShare: number | null;
}

export type EdgeReason =
  | 'near-and-fast'
  | 'fast'
  | 'not-measured'
  | 'slow'
  | 'on-trial'
  | 'fails-for-this-speaker'
  | 'down';

export interface OrderedEdge {
  readonly url: string;
  readonly region: string | null;
  readonly reason: EdgeReason;
}

const RANK: Readonly<Record<EdgeReason, number>> = {
  'near-and-fast': 0,
  fast: 1,
  'not-measured': 2,
  slow: 3,
  'on-trial': 4,
  'fails-for-this-speaker': 5,
  down: 6,
};

/**
 * @param edges in the order of the configuration
 * @param region of the speaker; null: it has not said
 * @returns all of them, the best first; those that are `down` are last, and are left out of manifests
 */
export function orderEdges(edges: readonly EdgeFacts[], region: string | null): readonly OrderedEdge[] {
  return edges
    .map((edge, place) => ({ edge, place, reason: reasonFor(edge, region) }))
    .sort((a, b) => RANK[a.reason] - RANK[b.reason] || compareWithin(a.edge, b.edge, a.reason) || a.place - b.place)
    .map(({ edge, reason }) => ({ url: edge.url, region: edge.region, reason }));
}

function reasonFor(edge: EdgeFacts, region: string | null): EdgeReason {
  if (edge.condition === 'down') return 'down';
  if (edge.failureShare !== null && edge.failureShare > FAILURE_SHARE_MAX) return 'fails-for-this-speaker';
  if (edge.condition === 'trial') return 'on-trial';
  if (edge.firstByteMs === null) return 'not-measured';
  if (edge.firstByteMs > FAST_FIRST_BYTE) return 'slow';
  return region !== null && edge.region === region ? 'near-and-fast' : 'fast';
}

/** Slow ones by how slow they are; elsewhere the household's own order holds. */
function compareWithin(a: EdgeFacts, b: EdgeFacts, reason: EdgeReason): number {
  return reason === 'slow' ? (a.firstByteMs ?? 0) - (b.firstByteMs ?? 0) : 0;
}
