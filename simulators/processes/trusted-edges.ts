/** Waits until a real bridge takes all its edges to be up: only those does it name to a speaker. */
import type { HouseholdProcesses } from './household-processes.ts';

/** Until the bridge has seen an edge well often enough to put it before itself. */
const TRUSTED_WITHIN_MS = 45_000;
const POLL_EVERY_MS = 100;

export async function untilEdgesTrusted(house: HouseholdProcesses): Promise<void> {
  const giveUpAt = performance.now() + TRUSTED_WITHIN_MS;
  for (;;) {
    const { items } = (await house.phone().command('GET', '/tonearm/v1/edges')) as { items: { condition: string }[] };
    if (items.every(({ condition }) => condition === 'up')) return;
    if (performance.now() > giveUpAt) throw new Error(`the bridge does not trust its edges: ${JSON.stringify(items)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}
