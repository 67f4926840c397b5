/** Says how good the sound of a music file can be, from its headers. */
import type { Kbps } from '#protocol/vocabulary/units';

export interface SourceQuality {
  readonly isLossless: boolean;
  /** Of the sound alone, on the average; null when the file does not say. */
  readonly bitrateKbps: Kbps | null;
}

export interface SourceQualityReader {
  /** Never rejects: of a file that cannot be read it says that it does not know. */
  qualityOf(path: string): Promise<SourceQuality>;
}
