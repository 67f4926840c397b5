/** Where offers and artifacts come from: the bridge, or a file that a person has brought. What comes is believed by nobody before it is checked. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Arch, UpdateOffer, UpdateReport } from '#protocol/wire/update';

export interface UpdateSource {
  /** @returns null where there is none for this speaker; `fetch.*`, `input.invalid`, `input.too-large` */
  offer(about: {
    readonly arch: Arch;
    readonly version: string;
    readonly seq: number;
  }): Promise<Result<UpdateOffer | null, TonearmError>>;
  /** The map of an artifact's blocks as text; its hash is for the caller to check. */
  blocks(artifactSha256: string): Promise<Result<string, TonearmError>>;
  /** Exactly these bytes; `update.endless` when more come, at the first byte too many. */
  range(artifactSha256: string, offset: number, length: number): Promise<Result<Uint8Array, TonearmError>>;
  /** Never waits; one that does not arrive is not repeated. */
  report(report: UpdateReport): void;
}
