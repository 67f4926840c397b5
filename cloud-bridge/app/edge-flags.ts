/** `--edge URL[,region]`, given again for each: where music is also had, in the household's order of preference. */
import type { ConfiguredEdge } from '#bridge/core/services/playback/edge-book';
import { fail, type Given } from '#protocol/adapters/flag-values';
import { EDGES_MAX } from '#protocol/wire/manifest';

const URL_LENGTH_MAX = 500;
const REGION = /^[\p{L}\p{N} ._-]{1,64}$/u;

/** @param given all of them joined by commas: what is no address is the region of the address before it */
export function readEdges(given: Given | null): readonly ConfiguredEdge[] {
  const edges: ConfiguredEdge[] = [];
  for (const part of given === null ? [] : given.text.split(',').map((text) => text.trim())) {
    if (given === null) break;
    const last = edges.at(-1);
    if (/^https?:\/\//i.test(part)) edges.push({ url: readUrl(part, given), region: null });
    else if (last !== undefined && last.region === null && REGION.test(part))
      edges[edges.length - 1] = { ...last, region: part };
    else fail(given, `must be URL or URL,region, not ${JSON.stringify(part.slice(0, 80))}`);
  }
  const isRepeated = new Set(edges.map((edge) => edge.url)).size < edges.length;
  if (given !== null && isRepeated) fail(given, 'must name each edge once');
  if (given !== null && edges.length >= EDGES_MAX) fail(given, `must name at most ${EDGES_MAX - 1} edges`);
  return edges;
}

function readUrl(text: string, given: Given): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain || text.length > URL_LENGTH_MAX) {
    fail(given, `must be an address without query or password, not ${JSON.stringify(text.slice(0, 80))}`);
  }
  return url.href.replace(/\/+$/, '');
}
