/** Where an edge has its files from: a bridge, or another edge. The answer comes as it is; the core judges it. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes } from '#protocol/vocabulary/units';

export interface Origin {
  /**
   * Refused with `fetch.unreachable`, `fetch.timed-out`, or `fetch.unexpected-answer` for a body longer than asked for.
   * @param authorization the client's own `Authorization`, passed on
   */
  ask(question: OriginQuestion, authorization: string): Promise<Result<OriginAnswer, TonearmError>>;
}

/** What an edge asks for. */
export type OriginQuestion =
  /** Bytes `from` to `to` of a file, both included. */
  | { readonly kind: 'range'; readonly fileId: FileId; readonly from: number; readonly to: number }
  | { readonly kind: 'head'; readonly fileId: FileId; readonly bytesMax: Bytes };

/** As it came; nothing of it is believed yet. */
export interface OriginAnswer {
  readonly status: number;
  readonly contentRange: string | undefined;
  readonly body: Uint8Array;
}
