/**
 * In which order edges are asked: a pure decision. The first listed edge that answers within 50 ms and is healthy, in
 * the manifest's order; else the last listed one; then the others by how they have done; then the bridge itself; and
 * when none of these is left, those in quarantine, since asking in vain costs less than silence.
 */
import type { Manifest } from '#protocol/wire/manifest';
import { type EdgeHealth, type EdgeStanding, firstByteMsAt, standingAt, successRateAt } from './edge-health.ts';

/** An edge that answers within this is near enough to be taken for its place in the list alone. */
export const NEAR_FIRST_BYTE_MS = 50;
/** Below this share of right answers an edge is not healthy, though it may answer now and then. */
export const HEALTHY_RATE_LEAST = 0.6;
/** The bridge that gave the manifest, as an edge: always there, and the last to be asked where edges are listed. */
export const BRIDGE_EDGE_URL = '';

export interface EdgeView {
  readonly url: string;
  readonly health: EdgeHealth;
}

export interface EdgeNeed {
  readonly nowUs: number;
  /** What is asked for will soon be heard: no edge is tried out with it. */
  readonly isNeededSoon: boolean;
}

/** @returns the edges that may be asked, best first; those that said when to come again are left out until then */
export function rankEdges(edges: readonly EdgeView[], need: EdgeNeed): readonly string[] {
  const judged = edges.map((edge) => judge(edge, need)).filter(({ standing }) => standing !== 'shedding');
  const listed = judged.filter(({ url }) => url !== BRIDGE_EDGE_URL);
  const usable = listed.filter((edge) => edge.isUsable);
  const healthy = usable.filter((edge) => edge.successRate >= HEALTHY_RATE_LEAST);
  const last = edges.filter(({ url }) => url !== BRIDGE_EDGE_URL).at(-1);
  const ranked = [
    ...healthy.filter((edge) => edge.firstByteMs < NEAR_FIRST_BYTE_MS),
    ...healthy.filter((edge) => edge.url === last?.url),
    ...healthy.toSorted((one, other) => one.firstByteMs - other.firstByteMs),
    ...usable.toSorted((one, other) => other.successRate - one.successRate),
    ...judged.filter((edge) => edge.url === BRIDGE_EDGE_URL && edge.isUsable),
    ...judged.filter((edge) => !edge.isUsable && edge.standing === 'due'),
    ...judged.filter((edge) => edge.standing === 'resting'),
  ];
  return [...new Set(ranked.map(({ url }) => url))];
}

interface Judged {
  readonly url: string;
  readonly standing: EdgeStanding;
  readonly isUsable: boolean;
  readonly successRate: number;
  /** Zero when not known: who was never asked is asked. */
  readonly firstByteMs: number;
}

function judge({ url, health }: EdgeView, { nowUs, isNeededSoon }: EdgeNeed): Judged {
  const standing = standingAt(health, nowUs);
  return {
    url,
    standing,
    isUsable: standing === 'trusted' || (standing === 'due' && !isNeededSoon),
    // A probe is asked for by the edge's place, not by the failures that made it one.
    successRate: standing === 'due' ? 1 : successRateAt(health, nowUs),
    firstByteMs: firstByteMsAt(health, nowUs) ?? 0,
  };
}

/** The bridge itself is always there, and the last to be asked where edges are listed. */
export function edgesOf(manifest: Manifest): readonly string[] {
  return [...manifest.edges.map(({ url }) => url), BRIDGE_EDGE_URL];
}
