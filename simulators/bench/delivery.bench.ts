/** Content and its delivery: what the edge and what goes before and after it is held to, each beside its peer. */
import type { Bench, BenchOptions, Figure } from './bench.ts';
import { measureEdgeThroughput } from './delivery/edge-throughput.ts';
import { measureFailover } from './delivery/failover.ts';
import { measureHitRatio } from './delivery/hit-ratio.ts';
import { measureIngestLadder } from './delivery/ingest-ladder.ts';
import { measureIngestMemory } from './delivery/ingest-memory.ts';
import { measureManifestRate } from './delivery/manifest-rate.ts';
import { measurePlayDuringCheck } from './delivery/play-during-check.ts';
import { measureSearchLatency } from './delivery/search-latency.ts';
import { measureSlowReaders } from './delivery/slow-readers.ts';
import { measureStoredFiles } from './delivery/stored-files.ts';
import { measureThunderingHerd } from './delivery/thundering-herd.ts';

/** What a process test (`edge-failover`) runs as it is here: in a smoke, which asks only whether it runs, once is enough. */
const TESTED_ALREADY = new Set([measureFailover]);

const ROWS: readonly ((options: BenchOptions) => Promise<readonly Figure[]>)[] = [
  measureIngestLadder,
  measureIngestMemory,
  measureStoredFiles,
  measureManifestRate,
  measurePlayDuringCheck,
  measureSearchLatency,
  measureEdgeThroughput,
  measureHitRatio,
  measureThunderingHerd,
  measureSlowReaders,
  measureFailover,
];

export const deliveryBench: Bench = {
  name: 'delivery',
  about: 'content from ingest to the speaker: edges beside nginx, hit ratio, a thundering herd',
  run: async (options) => {
    const figures: Figure[] = [];
    for (const measure of ROWS) {
      if (options.isSmoke && TESTED_ALREADY.has(measure)) continue;
      const startedAt = performance.now();
      figures.push(...(await measure(options)));
      options.say(`${measure.name} took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    }
    return figures;
  },
};
