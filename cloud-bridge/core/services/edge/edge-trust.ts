/**
 * Keeps an edge's knowledge of keys and revocations fresh (spec sections 8.7, 8.8), so that it can check every token
 * without asking. With the origin away it goes on with what it knows: tokens end by themselves.
 */
import type { ContentKeySet, ContentTokenVerifier, VerifiedToken } from '#bridge/core/ports/content-token-verifier';
import type { TrustSource, TrustStore } from '#bridge/core/ports/edge-trust';
import { RevocationList } from '#bridge/core/services/access/revocation-list';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { Revocations } from '#protocol/wire/content-token';

/** Access ends within 5 s of its revocation: two polls, one of which may fail. */
export const REVOCATIONS_EVERY = ms(2_000);
/** Keys are asked for again at most this often, however many tokens name one that is not known. */
export const KEYS_AT_MOST_EVERY = ms(5_000);
/** A bridge that signs with a new key is heard of without any token, too. */
export const KEYS_EVERY = ms(10 * 60_000);

/** A verifier whose keys can be replaced. */
export interface KeyedVerifier extends ContentTokenVerifier {
  useKeys(keys: ContentKeySet['keys']): Promise<void>;
}

export interface EdgeTrustPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly source: TrustSource;
  readonly store: TrustStore;
  readonly verifier: KeyedVerifier;
  /** Signatures that were good under the old keys are to be looked at again. */
  keysChanged(): void;
}

export class EdgeTrust implements ContentTokenVerifier {
  readonly revocations = new RevocationList();
  readonly #ports: EdgeTrustPorts;
  #keys: ContentKeySet | null = null;
  #known: Revocations = { revision: 0, entries: [] };
  #keysAskedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #timer: Timer | null = null;
  #isStopped = false;
  #isOriginAway = false;

  constructor(ports: EdgeTrustPorts) {
    this.#ports = ports;
  }

  /** Whether it can tell a good token from a bad one. */
  get isReady(): boolean {
    return this.#keys !== null;
  }

  issuer(): string | null {
    return this.#keys?.issuer ?? null;
  }

  /** Resolves when keys are known, or the origin was asked once in vain. */
  async start(): Promise<void> {
    const kept = await this.#ports.store.load();
    if (kept !== null) {
      await this.#take(kept.keys);
      this.#heardOf(kept.revocations);
    }
    await this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** A token by a key that is not known has the keys fetched once, and is looked at again. */
  async verify(token: string): Promise<VerifiedToken> {
    const verified = await this.#ports.verifier.verify(token);
    if (verified.kind !== 'unknownKey' || !(await this.#askForKeys(KEYS_AT_MOST_EVERY))) return verified;
    return this.#ports.verifier.verify(token);
  }

  async #round(): Promise<void> {
    await this.#askForKeys(this.isReady ? KEYS_EVERY : KEYS_AT_MOST_EVERY);
    const answer = await this.#ports.source.revocations(this.revocations.revision);
    this.#originIs(answer.ok, answer.ok ? '' : answer.error.message);
    if (answer.ok && answer.value !== null) {
      this.#heardOf(answer.value);
      await this.#save();
    }
    if (this.#isStopped) return;
    this.#timer = this.#ports.clock.setTimer('edge.revocations', REVOCATIONS_EVERY, () => void this.#round());
  }

  /** @returns whether they were asked for, now or by somebody else in this moment */
  async #askForKeys(atMostEvery: Ms): Promise<boolean> {
    if (this.#asking === null) {
      const nowMs = this.#ports.clock.nowUs() / 1000;
      if (nowMs - this.#keysAskedAtMs < atMostEvery) return false;
      this.#keysAskedAtMs = nowMs;
      this.#asking = this.#fetchKeys().finally(() => {
        this.#asking = null;
      });
    }
    await this.#asking;
    return true;
  }

  async #fetchKeys(): Promise<void> {
    const answer = await this.#ports.source.keys();
    if (!answer.ok) return this.#originIs(false, answer.error.message);
    if (JSON.stringify(answer.value) === JSON.stringify(this.#keys)) return;
    await this.#take(answer.value);
    await this.#save();
  }

  /** Keys that are none leave the old ones in force. */
  async #take(keys: ContentKeySet): Promise<void> {
    try {
      await this.#ports.verifier.useKeys(keys.keys);
    } catch (cause) {
      this.#ports.logger.warn('edge.keys-refused', { reason: String(cause) });
      return;
    }
    this.#keys = keys;
    this.#ports.keysChanged();
    this.#ports.logger.info('edge.keys-known', { issuer: keys.issuer, keys: keys.keys.length });
  }

  #heardOf(revocations: Revocations): void {
    this.#known = revocations;
    this.revocations.set(revocations);
  }

  async #save(): Promise<void> {
    if (this.#keys !== null) await this.#ports.store.save({ keys: this.#keys, revocations: this.#known });
  }

  /** Said once each time it changes. */
  #originIs(isThere: boolean, reason: string): void {
    if (isThere !== this.#isOriginAway) return;
    this.#isOriginAway = !isThere;
    if (isThere) this.#ports.logger.info('edge.origin-back');
    else this.#ports.logger.warn('edge.origin-away', { reason });
  }
}
