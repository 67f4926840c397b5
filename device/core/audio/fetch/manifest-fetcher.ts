/**
 * Gets one track's manifest, and a fresh one when its token runs out.
 *
 * Never gives up while the failure is one that may pass: a bridge that is away means waiting, since the buffer plays on.
 * A track that is still being prepared is asked for again at short distance, up to a limit, so that it can say so.
 */
import { type ManifestSource, type PendingFetch, retryAfterOf } from '#device/core/ports/chunk-source';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { OVERLOAD_RETRY, RETRY_AFTER_MAX_MS } from './edge-health.ts';

/** First and longest wait after a failure: soon enough that a bridge's restart costs seconds, rare enough for a far edge. */
export const FETCH_RETRY = { baseMs: ms(200), capMs: ms(5_000) } as const;
/** Between two questions for a track that is being prepared; jittered from half of it. */
const PREPARING_ASK_MS = 600;
/** A track that is not ready after this is reported; ingest brings an asked-for track forward, and encodes far faster than real time. */
export const PREPARING_LIMIT_MS = ms(60_000);

export interface ManifestListener {
  /**
   * @param isKept remembered from before: its token may be over
   * @param tookMs from the request that was answered to its answer
   */
  arrived(manifest: Manifest, isKept: boolean, tookMs: Ms): void;
  /** Final: the manifest will not come. */
  failed(error: TonearmError): void;
}

export interface ManifestFetcher {
  /** The first time: what is remembered does, and nobody is asked then. */
  begin(): void;
  /** Asks once more, e.g. for a token that has not run out; harmless while an answer is awaited. */
  ask(): void;
  /** The network is thought to be back: asks now instead of at the end of a wait. */
  nudge(): void;
  close(): void;
}

export interface FetchPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export function createManifestFetcher(
  ports: FetchPorts & { readonly manifests: ManifestSource },
  trackId: TrackId,
  listener: ManifestListener,
): ManifestFetcher {
  const { clock, random, logger, manifests } = ports;
  const schedule = fullJitter(random, FETCH_RETRY);
  const overload = fullJitter(random, OVERLOAD_RETRY);
  let isToldToWait = false;
  let pending: PendingFetch<Manifest> | null = null;
  let waiting: Timer | null = null;
  let preparingSinceUs: number | null = null;
  let isClosed = false;

  const ask = (): void => {
    if (isClosed || pending !== null) return;
    waiting?.cancel();
    waiting = null;
    isToldToWait = false;
    const request = manifests.fetchManifest(trackId);
    const askedUs = clock.nowUs();
    pending = request;
    void request.outcome.then((outcome) => {
      if (pending !== request || isClosed) return;
      pending = null;
      if (outcome.ok) {
        schedule.reset();
        overload.reset();
        preparingSinceUs = null;
        listener.arrived(outcome.value, false, ms((clock.nowUs() - askedUs) / 1000));
      } else {
        refusedWith(outcome.error);
      }
    });
  };

  const begin = (): void => {
    if (manifests.recallManifest === undefined) {
      ask();
      return;
    }
    void manifests.recallManifest(trackId).then((kept) => {
      if (isClosed) return;
      if (kept === undefined) ask();
      else listener.arrived(kept, true, ms(0));
    });
  };

  const refusedWith = (error: TonearmError): void => {
    if (!error.retryable || hasPreparedTooLong(error)) {
      listener.failed(error);
      return;
    }
    const wait = error.code === 'content.preparing' ? askAgainMs() : asToldMs(error);
    logger.debug('fetch.manifest-refused', { trackId, code: error.code, waitMs: wait, message: error.message });
    waiting = clock.setTimer('fetch.manifest-retry', wait, ask);
  };

  /** As the bridge asks, and spread over more the longer it has too much to do. */
  const asToldMs = (error: TonearmError): Ms => {
    const askedForMs = Math.min(retryAfterOf(error) ?? 0, RETRY_AFTER_MAX_MS);
    isToldToWait = askedForMs > 0 || error.code === 'content.overloaded';
    return ms(askedForMs + (isToldToWait ? overload : schedule).next());
  };

  const askAgainMs = (): Ms => ms(PREPARING_ASK_MS * (0.5 + random.fraction() / 2));

  const hasPreparedTooLong = (error: TonearmError): boolean => {
    if (error.code !== 'content.preparing') {
      preparingSinceUs = null;
      return false;
    }
    preparingSinceUs ??= clock.nowUs();
    return clock.nowUs() - preparingSinceUs > PREPARING_LIMIT_MS * 1000;
  };

  return {
    begin,
    ask,
    nudge: () => {
      // Who asked for patience is there, and is asked no sooner for being met again.
      if (waiting === null || isToldToWait) return;
      schedule.reset();
      ask();
    },
    close: () => {
      isClosed = true;
      waiting?.cancel();
      waiting = null;
      pending?.cancel();
      pending = null;
    },
  };
}
