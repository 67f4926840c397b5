/**
 * Says how a track can be played by who asks: the qualities it may hear, best first, their segments and keys, the edges
 * in order, and a token that opens exactly that.
 */
import type { AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import type { CatalogueReader, Track } from '#bridge/core/ports/catalogue';
import type { CatalogueWriter, StoredTrack } from '#bridge/core/ports/catalogue-writer';
import type { ManifestAsker, ManifestService } from '#bridge/core/ports/content';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import type { AccessControl } from '#bridge/core/services/access/access-control';
import type { ContentTokenIssue } from '#bridge/core/services/access/content-token-issue';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Kbps } from '#protocol/vocabulary/units';
import type { Manifest, ManifestFile } from '#protocol/wire/manifest';
import { type AccessRefusal, decideAccess, orderQualities, REFUSAL_MESSAGES } from './access-policy.ts';
import { base64 } from './base64.ts';
import type { EdgeBook } from './edge-book.ts';
import type { StoredTrackCache } from './stored-track-cache.ts';

export interface ManifestPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly catalogue: Pick<CatalogueReader, 'track'>;
  readonly rules: Pick<AvailabilityRulesStore, 'rulesFor'>;
  readonly failures: Pick<CatalogueWriter, 'trackFailure'>;
  readonly stored: Pick<StoredTrackCache, 'storedTrack'>;
  readonly access: Pick<AccessControl, 'askerOf'>;
  readonly tokens: Pick<ContentTokenIssue, 'issue'>;
  readonly edges: Pick<EdgeBook, 'orderFor'>;
  /** Encodes it next. */
  bringForward(id: TrackId): void;
  /** Told of every refusal by policy, for counting. */
  refused?(reason: AccessRefusal): void;
}

export class TrackManifests implements ManifestService {
  readonly #ports: ManifestPorts;

  constructor(ports: ManifestPorts) {
    this.#ports = ports;
  }

  async manifestFor(trackId: TrackId, asker: ManifestAsker): Promise<Result<Manifest, TonearmError>> {
    const track = await this.#ports.catalogue.track(trackId);
    if (!track.ok) return track;
    const who = this.#ports.access.askerOf(asker.speakerId);
    const rules = await this.#ports.rules.rulesFor(trackId);
    const decision = decideAccess(who, rules, this.#ports.clock.wallMs());
    if (decision.kind === 'refused') return this.#refuse(decision.reason);
    if (track.value.availability === 'unreadable') {
      const failure = await this.#ports.failures.trackFailure(trackId);
      const reason = failure === null ? '' : `: ${failure.message}`;
      return refused(new TonearmError('content.unreadable', `this track cannot be played${reason}`));
    }
    const stored = await this.#ports.stored.storedTrack(trackId);
    if (stored === null) {
      this.#ports.bringForward(trackId);
      return refused(new TonearmError('content.preparing', 'this track is being prepared: ask again in a moment'));
    }
    return this.#manifest({ track: track.value, stored, accountId: who.account.id, maxKbps: decision.maxKbps }, asker);
  }

  async #manifest(
    allowed: {
      readonly track: Track;
      readonly stored: StoredTrack;
      readonly accountId: string;
      readonly maxKbps: Kbps;
    },
    asker: ManifestAsker,
  ): Promise<Result<Manifest, TonearmError>> {
    const { track, stored, accountId } = allowed;
    const files = orderQualities(stored.files, allowed.maxKbps, asker);
    if (files.length === 0) return this.#refuse('no-quality-for-tier');
    const { token, expiresAtMs } = await this.#ports.tokens.issue({
      accountId,
      speakerId: asker.speakerId,
      files: files.map((file) => file.fileId),
      durationFrames: stored.durationFrames,
    });
    return ok({
      trackId: track.id,
      durationFrames: stored.durationFrames,
      loudness: stored.loudness,
      albumLoudness: stored.albumLoudness,
      ...albumPlaceOf(track),
      files: files.map(manifestFileOf),
      edges: this.#edgesFor(asker),
      token,
      tokenExpiresAtMs: expiresAtMs,
    });
  }

  /** With edges the bridge is the last of them; with none it need not be named (spec section 8.4). */
  #edgesFor({ speakerId, region, bridgeUrl }: ManifestAsker): Manifest['edges'] {
    const edges = this.#ports.edges.orderFor(speakerId, region);
    if (edges.length === 0) return [];
    const named = edges.map((edge) => ({ url: edge.url, ...(edge.region === null ? {} : { region: edge.region }) }));
    return [...named, { url: bridgeUrl }];
  }

  #refuse(reason: AccessRefusal): Result<never, TonearmError> {
    this.#ports.refused?.(reason);
    return refused(new TonearmError('content.not-allowed', `${REFUSAL_MESSAGES[reason]} (${reason})`));
  }
}

/** A track without a number has no place that anything could follow. */
function albumPlaceOf({ album, discNumber, trackNumber }: Track): Pick<Manifest, 'album'> {
  if (discNumber < 1 || trackNumber < 1) return {};
  return { album: { id: album.id, disc: discNumber, track: trackNumber } };
}

/** The same for everybody who is told of the file, so that whoever writes it down writes it once. */
const manifestFiles = new WeakMap<EncodedFile, ManifestFile>();

function manifestFileOf(encoded: EncodedFile): ManifestFile {
  const before = manifestFiles.get(encoded);
  if (before !== undefined) return before;
  const { key, ...file } = encoded;
  const made: ManifestFile = {
    ...file,
    segmentSizesBytes: [...file.segmentSizesBytes],
    codec: 'opus',
    key: { kind: 'plain', base64: base64(key) },
  };
  manifestFiles.set(encoded, made);
  return made;
}
