/** Shares the qualities of one track out over threads that each decode it for themselves, so that all are done at the same time. */
import type { EncodeJob } from '#bridge/core/ports/track-encoder';
import type { Kbps } from '#protocol/vocabulary/units';

/** What one more quality takes, measured with libopus 1.3.1: 24, 96, 160, 320 kbit/s are as 150, 216, 273, 337. */
const COST_OF_ANY_KBPS = 220;
/** What decoding and, in one of the parts, metering take beside it. */
const COST_OF_METER_KBPS = 170;

/** @param parts at most so many jobs; none is without a quality. The first of them measures, when the whole does. */
export function splitRungs(job: EncodeJob, parts: number): readonly EncodeJob[] {
  const shares = Array.from({ length: Math.max(1, Math.min(parts, job.bitratesKbps.length)) }, (_, index) => ({
    bitratesKbps: [] as Kbps[],
    cost: index === 0 && job.measuresLoudness ? COST_OF_METER_KBPS : 0,
  }));
  for (const rung of [...job.bitratesKbps].sort((one, other) => other - one)) {
    const lightest = shares.reduce((least, share) => (share.cost < least.cost ? share : least));
    lightest.bitratesKbps.push(rung);
    lightest.cost += COST_OF_ANY_KBPS + rung;
  }
  return shares
    .filter(({ bitratesKbps }) => bitratesKbps.length > 0)
    .map(({ bitratesKbps }, index) => ({
      ...job,
      bitratesKbps,
      measuresLoudness: job.measuresLoudness && index === 0,
    }));
}
