/** A shelf of releases in memory: what a test has signed lies on it at once. */
import type { StoredObject } from '#bridge/core/ports/content';
import type { FirmwareShelf, ShelvedRelease } from '#bridge/core/ports/firmware-shelf';
import { bytes } from '#protocol/vocabulary/units';
import type { SignedText } from '#protocol/wire/update';

export class MemoryFirmwareShelf implements FirmwareShelf {
  readonly roots: SignedText[] = [];
  /** The newest first. */
  readonly releases: ShelvedRelease[] = [];
  readonly artifacts = new Map<string, Uint8Array>();
  readonly maps = new Map<string, string>();
  #kept: string | null = null;

  async read(): ReturnType<FirmwareShelf['read']> {
    return { roots: this.roots, releases: this.releases };
  }

  async artifact(sha256: string): Promise<StoredObject | null> {
    const content = this.artifacts.get(sha256);
    if (content === undefined) return null;
    async function* read(offset: number, length: number) {
      yield content?.slice(offset, offset + length) ?? new Uint8Array();
    }
    return { sizeBytes: bytes(content.length), read };
  }

  async blocks(sha256: string): Promise<string | null> {
    return this.maps.get(sha256) ?? null;
  }

  async recall(): Promise<string | null> {
    return this.#kept;
  }

  async remember(text: string): Promise<void> {
    this.#kept = text;
  }
}
