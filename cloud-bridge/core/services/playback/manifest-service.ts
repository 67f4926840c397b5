/** Says how a track can be played: its file, its segments, its key, and a token that lets one fetch it. */
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { CatalogueWriter } from '#bridge/core/ports/catalogue-writer';
import type { ManifestService } from '#bridge/core/ports/content';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import type { ContentTokens } from '#bridge/core/services/content/content-tokens';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Manifest } from '#protocol/wire/manifest';
import { base64 } from './base64.ts';

export interface ManifestPorts {
  readonly catalogue: Pick<CatalogueReader, 'track'>;
  readonly files: Pick<CatalogueWriter, 'storedTrack' | 'trackFailure'>;
  readonly tokens: Pick<ContentTokens, 'issue'>;
  /** Encodes it next. */
  bringForward(id: TrackId): void;
}

export class TrackManifests implements ManifestService {
  readonly #ports: ManifestPorts;

  constructor(ports: ManifestPorts) {
    this.#ports = ports;
  }

  async manifestFor(trackId: TrackId): Promise<Result<Manifest, TonearmError>> {
    const track = await this.#ports.catalogue.track(trackId);
    if (!track.ok) return track;
    if (track.value.availability === 'unreadable') {
      const failure = await this.#ports.files.trackFailure(trackId);
      const reason = failure === null ? '' : `: ${failure.message}`;
      return refused(new TonearmError('content.unreadable', `this track cannot be played${reason}`));
    }
    const stored = await this.#ports.files.storedTrack(trackId);
    if (stored === null) {
      this.#ports.bringForward(trackId);
      return refused(new TonearmError('content.preparing', 'this track is being prepared: ask again in a moment'));
    }
    const { token, expiresAtMs } = this.#ports.tokens.issue(preferred(stored.files).fileId);
    return ok({
      trackId,
      durationFrames: stored.durationFrames,
      loudness: stored.loudness,
      albumLoudness: stored.albumLoudness,
      files: stored.files.map(({ key, ...file }) => ({
        ...file,
        segmentSizesBytes: [...file.segmentSizesBytes],
        codec: 'opus',
        key: { kind: 'plain', base64: base64(key) },
      })),
      edges: [],
      token,
      tokenExpiresAtMs: expiresAtMs,
    });
  }
}

/** What a speaker plays unless it is told otherwise, and so what the token is for: the best up to this, else the smallest. */
const PREFERRED_BITRATE_KBPS = 160;

function preferred(files: readonly EncodedFile[]): EncodedFile {
  const [smallest] = files;
  if (smallest === undefined) throw new Error('a stored track has a file');
  return files.filter((file) => file.bitrateKbps <= PREFERRED_BITRATE_KBPS).at(-1) ?? smallest;
}
