/** Keys, and releases signed with them, as `firmware keys` and `firmware sign` make them, without a disk. */
import { createHash } from 'node:crypto';
import type { Hashing } from '#device/core/update/fetch-candidate';
import { signText } from '#firmware/ota/sign-text';
import { identityOf, makePrivateKey } from '#protocol/adapters/ed25519';
import { base64url } from '#protocol/kit/base64url';
import type { Identity } from '#protocol/ports/identity';
import { bytes } from '#protocol/vocabulary/units';
import {
  BLOCK_BYTES,
  type SignedText,
  type SlotVersion,
  UPDATE_PRODUCT,
  type UpdateManifest,
  type UpdateOffer,
  type UpdateRoot,
} from '#protocol/wire/update';
import type { MemoryFirmwareShelf } from './memory-firmware-shelf.ts';

export const DAY_MS = 86_400_000;
/** Monday, 21 September 2026. */
export const RELEASED_AT_MS = 1_789_948_800_000;

export const hashing: Hashing = {
  ofText: (text) => createHash('sha256').update(text).digest('hex'),
  ofBytes: (data) => createHash('sha256').update(data).digest('hex'),
  start: () => {
    const hash = createHash('sha256');
    return { update: (data) => void hash.update(data), finish: () => hash.digest('hex') };
  },
};

/** Everything of one version. */
export interface MadeRelease {
  readonly manifest: UpdateManifest;
  readonly offer: UpdateOffer;
  readonly content: Uint8Array;
  readonly blocksText: string;
}

/** What is to be other than usual. */
export type ReleaseChange = Partial<Omit<UpdateManifest, 'artifact' | 'seq' | 'version'>>;

/** Who publishes. */
export class ReleaseMaker {
  readonly roots = [identityOf(makePrivateKey()), identityOf(makePrivateKey()), identityOf(makePrivateKey())] as const;
  readonly releaseKey = identityOf(makePrivateKey());
  readonly stampKey = identityOf(makePrivateKey());
  readonly root: UpdateRoot = {
    ...{
      format: 1,
      kind: 'root',
      product: UPDATE_PRODUCT,
      version: 1,
      threshold: 2,
      createdMs: RELEASED_AT_MS - DAY_MS,
    },
    rootKeys: this.roots.map(nameOf),
    releaseKeys: [nameOf(this.releaseKey)],
    stampKeys: [nameOf(this.stampKey)],
  };
  readonly signedRoot: SignedText = signText('root', this.root, this.roots);

  make(seq: number, content: Uint8Array, change: ReleaseChange = {}): MadeRelease {
    const blocks: string[] = [];
    for (let at = 0; at < content.length; at += BLOCK_BYTES) {
      blocks.push(hashing.ofBytes(content.subarray(at, at + BLOCK_BYTES)));
    }
    const blocksText = JSON.stringify({ format: 1, sizeBytes: content.length, blockBytes: BLOCK_BYTES, blocks });
    const version = `0.${seq}.0`;
    const manifest: UpdateManifest = {
      ...{ format: 1, kind: 'release', product: UPDATE_PRODUCT, channel: 'stable', version, seq, minSeq: 0 },
      ...{ createdMs: RELEASED_AT_MS, expiresMs: RELEASED_AT_MS + 30 * DAY_MS, arch: 'x64', hardware: [] },
      requires: { base: 1, glibc: '2.28', freeBytes: bytes(1_000) },
      rollout: { percent: 100, seed: version },
      isCritical: false,
      notes: '',
      ...change,
      artifact: {
        sizeBytes: content.length,
        sha256: hashing.ofBytes(content),
        blockBytes: BLOCK_BYTES,
        blocksSha256: hashing.ofText(blocksText),
      },
    };
    const offer: UpdateOffer = {
      format: 1,
      roots: [],
      manifest: signText('release', manifest, [this.releaseKey]),
      stamp: null,
    };
    return { manifest, offer, content, blocksText };
  }

  /** The same offer, fresh until then. */
  stamp({ offer }: MadeRelease, expiresMs: number, by: Identity = this.stampKey): UpdateOffer {
    const manifestSha256 = hashing.ofText(offer.manifest.text);
    const stamp = {
      format: 1,
      kind: 'stamp',
      product: UPDATE_PRODUCT,
      manifestSha256,
      createdMs: RELEASED_AT_MS,
      expiresMs,
    };
    return { ...offer, stamp: signText('stamp', stamp, [by]) };
  }
}

/** Puts it where a bridge offers it from. */
export function shelve(shelf: MemoryFirmwareShelf, maker: ReleaseMaker, made: MadeRelease): void {
  const { arch, seq, artifact } = made.manifest;
  if (shelf.roots.length === 0) shelf.roots.push(maker.signedRoot);
  shelf.releases.unshift({ arch, seq, manifest: made.offer.manifest, stamp: made.offer.stamp });
  shelf.artifacts.set(artifact.sha256, made.content);
  shelf.maps.set(artifact.sha256, made.blocksText);
}

/** As it lies beside a program. */
export function versionOf({ manifest }: MadeRelease): SlotVersion {
  const { version, seq, arch, artifact } = manifest;
  return { format: 1, version, seq, arch, sizeBytes: artifact.sizeBytes, sha256: artifact.sha256 };
}

function nameOf({ publicKey }: Identity): string {
  return base64url(publicKey);
}
