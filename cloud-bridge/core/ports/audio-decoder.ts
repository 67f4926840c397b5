/** Decodes one music file to the one form that ingest works with: 48 kHz, stereo, 16 bits. */
export interface AudioDecoder {
  /**
   * Samples left, right, left, right ..., in pieces of any even length up to `PCM_PIECE_SAMPLES_MAX`, read as they are
   * pulled. Ending early frees what is behind it.
   * @throws TonearmError `ingest.unreadable-file` or `ingest.unsupported-format`, from the pull that met it
   */
  decode(path: string): AsyncIterable<Int16Array>;
}

/** 4 s of stereo. */
export const PCM_PIECE_SAMPLES_MAX = 4 * 48_000 * 2;
