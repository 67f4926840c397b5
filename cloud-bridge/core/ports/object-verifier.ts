/** Reads one stored file from its first byte to its last, away from the thread that talks to phones and speakers. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { StoreProblemKind } from '#protocol/wire/store-check';
import type { EncodedFile } from './track-encoder.ts';

export interface ObjectFault {
  readonly kind: Exclude<StoreProblemKind, 'orphan' | 'unreadable'>;
  /** Which segment, how many bytes. */
  readonly message: string;
}

export interface ObjectVerifier {
  /** The first fault; null when there is none. Refused with `storage.failed` when the store cannot be read. */
  verify(file: EncodedFile): Promise<Result<ObjectFault | null, TonearmError>>;
  /** Lets go of its thread; the next file starts it again. */
  rest(): Promise<void>;
}
