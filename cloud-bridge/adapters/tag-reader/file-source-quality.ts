/** How good a music file can sound, as its headers tell. */
import type { SourceQuality, SourceQualityReader } from '#bridge/core/ports/source-quality';
import { kbps } from '#protocol/vocabulary/units';

const UNKNOWN: SourceQuality = { isLossless: false, bitrateKbps: null };
/** Codecs without loss that a tag reader may not mark as such. */
const LOSSLESS_CODECS = /\b(flac|alac|pcm|wavpack|ape|monkey|aiff|wave?)\b/i;

export class FileSourceQuality implements SourceQualityReader {
  async qualityOf(path: string): Promise<SourceQuality> {
    try {
      const { parseFile } = await import('music-metadata');
      const { format } = await parseFile(path, { duration: false, skipCovers: true });
      const isLossless = format.lossless === true || LOSSLESS_CODECS.test(format.codec ?? '');
      const bitrate = Math.round((format.bitrate ?? 0) / 1000);
      return { isLossless, bitrateKbps: bitrate > 0 ? kbps(bitrate) : null };
    } catch {
      return UNKNOWN;
    }
  }
}
