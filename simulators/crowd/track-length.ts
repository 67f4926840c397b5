/**
 * How long tracks are taken to be in a crowd. Its speakers fetch no manifests and so do not know; that they and the people
 * who plan to skip agree is what matters, and so both ask here.
 */

const SHORTEST_S = 120;
const LONGEST_S = 330;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** @returns seconds, the same for the same track in every process */
export function lengthInCrowd(trackId: string): number {
  let hash = FNV_OFFSET;
  for (let place = 0; place < trackId.length; place += 1) {
    hash = Math.imul(hash ^ trackId.charCodeAt(place), FNV_PRIME);
  }
  return SHORTEST_S + ((hash >>> 0) % (LONGEST_S - SHORTEST_S + 1));
}
