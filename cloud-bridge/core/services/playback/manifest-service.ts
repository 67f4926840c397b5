/** Says how a track can be played: its file, its segments, its key, and a token that lets one fetch it. */
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { CatalogueWriter } from '#bridge/core/ports/catalogue-writer';
import type { ManifestService } from '#bridge/core/ports/content';
import type { ContentTokens } from '#bridge/core/services/content/content-tokens';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Manifest } from '#protocol/wire/manifest';
import { base64 } from './base64.ts';

export interface ManifestPorts {
  readonly catalogue: Pick<CatalogueReader, 'track'>;
  readonly files: Pick<CatalogueWriter, 'storedFile' | 'trackFailure'>;
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
    const stored = await this.#ports.files.storedFile(trackId);
    if (stored === null) {
      this.#ports.bringForward(trackId);
      return refused(new TonearmError('content.preparing', 'this track is being prepared: ask again in a moment'));
    }
    const { key, ...file } = stored.file;
    const { token, expiresAtMs } = this.#ports.tokens.issue(file.fileId);
    return ok({
      trackId,
      durationFrames: stored.durationFrames,
      loudness: stored.loudness,
      files: [
        {
          ...file,
          segmentSizesBytes: [...file.segmentSizesBytes],
          codec: 'opus',
          key: { kind: 'plain', base64: base64(key) },
        },
      ],
      edges: [],
      token,
      tokenExpiresAtMs: expiresAtMs,
    });
  }
}
