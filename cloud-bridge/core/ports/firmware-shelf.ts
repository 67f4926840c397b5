/**
 * Where releases lie that a bridge may offer, and where it writes down how they go. What is on the shelf was signed
 * elsewhere; nothing here can change it.
 */
import type { Arch, SignedText } from '#protocol/wire/update';
import type { StoredObject } from './content.ts';

/** One release as it lies there: not yet verified. */
export interface ShelvedRelease {
  readonly arch: Arch;
  readonly seq: number;
  readonly manifest: SignedText;
  readonly stamp: SignedText | null;
}

export interface FirmwareShelf {
  /** As it is now, the newest release first, roots oldest first. Rejects with `config.invalid` for a file that is none. */
  read(): Promise<{ readonly roots: readonly SignedText[]; readonly releases: readonly ShelvedRelease[] }>;
  /** Null: there is none of that hash. */
  artifact(sha256: string): Promise<StoredObject | null>;
  blocks(sha256: string): Promise<string | null>;
  /** What `remember` was given last; null before that. */
  recall(): Promise<string | null>;
  remember(text: string): Promise<void>;
}
