/** Puts together who may play what: accounts, tokens and their keys, manifests, edges, and the counters of it all. */
import { loadBridgeIdentity } from '#bridge/adapters/bridge-identity/file-bridge-identity';
import { httpEdgeProbe } from '#bridge/adapters/edge-probe/http-edge-probe';
import { openFileTokenSigner } from '#bridge/adapters/jose-tokens/file-token-signer';
import { JoseTokenVerifier } from '#bridge/adapters/jose-tokens/jose-token-verifier';
import type { AccessStore } from '#bridge/core/ports/access-store';
import type { AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { CatalogueWriter } from '#bridge/core/ports/catalogue-writer';
import type { ManifestService } from '#bridge/core/ports/content';
import type { ContentKeySet } from '#bridge/core/ports/content-token-verifier';
import { AccessControl } from '#bridge/core/services/access/access-control';
import { ContentTokenCheck } from '#bridge/core/services/access/content-token-check';
import { ContentTokenIssue } from '#bridge/core/services/access/content-token-issue';
import { KeyRotation } from '#bridge/core/services/access/key-rotation';
import { ContentCounts } from '#bridge/core/services/content/content-counts';
import { StoredContent } from '#bridge/core/services/content/stored-content';
import { type ConfiguredEdge, EdgeBook } from '#bridge/core/services/playback/edge-book';
import { TrackManifests } from '#bridge/core/services/playback/manifest-service';
import { StoredTrackCache } from '#bridge/core/services/playback/stored-track-cache';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TrackId } from '#protocol/vocabulary/ids';

export interface PlaybackPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dataDir: string;
  readonly accounts: AccessStore;
  readonly rules: Pick<AvailabilityRulesStore, 'rulesFor'>;
  readonly catalogue: Pick<CatalogueReader, 'track'>;
  readonly files: Pick<CatalogueWriter, 'storedTrack' | 'trackFailure'>;
  readonly blobs: Pick<BlobStore, 'open' | 'openHead' | 'picture'>;
  bringForward(id: TrackId): void;
}

export interface PlaybackOptions {
  /** Of the household's account; null: as it was. */
  readonly country?: string | null;
  readonly edges?: readonly ConfiguredEdge[];
}

export interface Playback {
  readonly manifests: ManifestService;
  /** Also gives pictures. */
  readonly stored: StoredContent;
  readonly access: AccessControl;
  readonly edges: EdgeBook;
  readonly counts: ContentCounts;
  keys(): ContentKeySet;
  stop(): void;
}

/** @throws TonearmError `storage.failed` when keys or accounts can be neither read nor made */
export async function composePlayback(ports: PlaybackPorts, options: PlaybackOptions): Promise<Playback> {
  const { clock, random, logger, dataDir } = ports;
  const { id: issuer } = await loadBridgeIdentity(dataDir);
  const counts = new ContentCounts();
  const access = new AccessControl({ clock, store: ports.accounts });
  await access.start({ country: options.country ?? null });
  const signer = await openFileTokenSigner({ clock, dataDir });
  const verifier = new JoseTokenVerifier();
  const check = new ContentTokenCheck({
    clock,
    verifier,
    revocations: access,
    issuer: () => issuer,
    refused: (reason) => counts.tokenRefused(reason),
  });
  const rotation = new KeyRotation({ clock, logger, signer, useKeys: (keys) => verifier.useKeys(keys) });
  await rotation.start();
  const edges = new EdgeBook({ clock, probe: httpEdgeProbe }, options.edges ?? []);
  edges.start();
  const manifests = new TrackManifests({
    clock,
    catalogue: ports.catalogue,
    rules: ports.rules,
    failures: ports.files,
    stored: new StoredTrackCache({ clock, files: ports.files }),
    access,
    tokens: new ContentTokenIssue({ clock, random, signer, access }, issuer),
    edges,
    bringForward: (id) => ports.bringForward(id),
    refused: (reason) => counts.accessRefused(reason),
  });
  return {
    manifests,
    stored: new StoredContent(ports.blobs, check),
    access,
    edges,
    counts,
    keys: () => ({ issuer, keys: signer.keys() }),
    stop: () => {
      rotation.stop();
      edges.stop();
    },
  };
}
