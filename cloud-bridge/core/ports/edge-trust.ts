/** Where an edge learns whom to trust, and where it keeps that for a start without its origin. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Revocations } from '#protocol/wire/content-token';
import type { ContentKeySet } from './content-token-verifier.ts';

export interface TrustSource {
  keys(): Promise<Result<ContentKeySet, TonearmError>>;
  /** Null when nothing has changed since revision `after`. */
  revocations(after: number): Promise<Result<Revocations | null, TonearmError>>;
}

/** What was last known. */
export interface Trust {
  readonly keys: ContentKeySet;
  readonly revocations: Revocations;
}

export interface TrustStore {
  /** Null when there is none that can be read. */
  load(): Promise<Trust | null>;
  /** Never throws: an edge that cannot keep it goes on all the same. */
  save(trust: Trust): Promise<void>;
}
