/** Puts an edge together: the only file that makes its adapters. */
import { lockCacheFolder } from '#bridge/adapters/edge-cache/cache-lock';
import { createLruSliceMemory } from '#bridge/adapters/edge-cache/lru-slice-memory';
import { openSlotSliceStore } from '#bridge/adapters/edge-cache/slot-slice-store';
import { EdgeDoor } from '#bridge/adapters/edge-door/edge-door';
import { createFileTrustStore } from '#bridge/adapters/edge-origin/file-trust-store';
import { HttpOrigin } from '#bridge/adapters/edge-origin/http-origin';
import { createHttpTrustSource } from '#bridge/adapters/edge-origin/http-trust-source';
import { JoseTokenVerifier } from '#bridge/adapters/jose-tokens/jose-token-verifier';
import { ContentTokenCheck } from '#bridge/core/services/access/content-token-check';
import { EdgeContent } from '#bridge/core/services/edge/edge-content';
import { EdgeCounts, renderMetrics } from '#bridge/core/services/edge/edge-counts';
import { EdgeHeads } from '#bridge/core/services/edge/edge-heads';
import { EdgeTrust } from '#bridge/core/services/edge/edge-trust';
import { HEAD_SLICE_BYTES, SLICE_BYTES } from '#bridge/core/services/edge/slice-plan';
import { READER_STALLED_AFTER, WAITING_BYTES_MAX, WaitingReaders } from '#bridge/core/services/edge/waiting-readers';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';
import type { EdgeConfig } from './edge-config.ts';

/** An origin that is silent for this long is away; a speaker has given up by then and asks another edge. */
const ORIGIN_SILENT_AFTER = ms(5_000);
/** A slice over a line of 100 kbit/s is no use to anybody. */
const ORIGIN_WITHIN = ms(20_000);

export interface Edge {
  readonly url: string;
  readonly port: number;
  /** Ends what it sends, and writes down what was used last. */
  stop(): Promise<void>;
}

/** @throws TonearmError `config.*` for what the person who started it can mend */
export async function composeEdge(
  config: EdgeConfig,
  shared: { readonly logger: Logger; readonly version: string },
): Promise<Edge> {
  const lock = lockCacheFolder(config.cacheFolder);
  try {
    const edge = await composeLockedEdge(config, shared);
    const stop = async () => {
      await edge.stop();
      lock.release();
    };
    return { ...edge, stop };
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

async function composeLockedEdge(
  config: EdgeConfig,
  shared: { readonly logger: Logger; readonly version: string },
): Promise<Edge> {
  const { logger } = shared;
  const clock = createSystemClock();
  const counts = new EdgeCounts();
  const folder = config.cacheFolder;
  const storeOf = (name: string, sliceBytes: typeof SLICE_BYTES, limitBytes: typeof SLICE_BYTES) =>
    openSlotSliceStore({ folder, name, sliceBytes, limitBytes }, logger);
  const slices = await storeOf('files', SLICE_BYTES, config.sizes.diskSlices);
  const headSlices = await storeOf('heads', HEAD_SLICE_BYTES, config.sizes.diskHeads);
  const origin = new HttpOrigin({ url: config.origin, silentAfter: ORIGIN_SILENT_AFTER, within: ORIGIN_WITHIN });
  const trust = new EdgeTrust({
    ...{ clock, logger, source: createHttpTrustSource(origin), store: createFileTrustStore(folder, logger) },
    verifier: new JoseTokenVerifier(),
    keysChanged: () => tokens.forget(),
  });
  const tokens = new ContentTokenCheck({
    ...{ clock, verifier: trust, revocations: trust.revocations },
    issuer: () => trust.issuer(),
    refused: (reason) => counts.refused(reason),
  });
  const memory = createLruSliceMemory(config.sizes.memorySlices);
  const headMemory = createLruSliceMemory(config.sizes.memoryHeads);
  const content = new EdgeContent({ memory, store: slices, origin, counts });
  const heads = new EdgeHeads({ memory: headMemory, store: headSlices, origin, counts });
  const readers = new WaitingReaders({ stalledAfter: READER_STALLED_AFTER, bytesMax: WAITING_BYTES_MAX });
  const metrics = (connections: number) =>
    renderMetrics(counts, {
      memoryBytes: memory.sizeBytes() + headMemory.sizeBytes(),
      ...{ slices: slices.usage(), heads: headSlices.usage(), connections },
      ...{ waitingReaders: readers.count, waitingBytes: readers.heldBytes },
      ...{ originRunning: content.origin.running, originWaiting: content.origin.waiting },
      revocationRevision: trust.revocations.revision,
    });
  const about = { name: config.name, version: shared.version, ...(config.region && { region: config.region }) };
  const ports = { clock, logger, content, heads, tokens, readers, counts, metrics, isReady: () => trust.isReady };
  const close = async () => {
    trust.stop();
    origin.close();
    await slices.close();
    await headSlices.close();
  };
  try {
    const door = new EdgeDoor(ports, { tls: config.tls, about });
    await trust.start();
    const port = await door.listen(config.port, config.host).catch(async (cause: unknown) => {
      await door.close();
      throw cause;
    });
    const stop = async () => {
      await door.close();
      await close();
    };
    return { url: urlOf(config, port), port, stop };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Where people on this machine reach it. */
function urlOf(config: EdgeConfig, port: number): string {
  const isEverywhere = config.host === '0.0.0.0' || config.host === '::';
  const name = isEverywhere ? '127.0.0.1' : config.host;
  return `${config.tls === null ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
