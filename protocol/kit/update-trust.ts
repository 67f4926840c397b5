/**
 * Whether an offer comes from who may make one: roots that follow one another, a manifest by a release key, a stamp by a
 * stamp key. Pure; speaker, bridge and the publishing commands all ask here. Spec 16.2 to 16.4.
 *
 * Raw Ed25519 with a word for what is signed before it, rather than minisign's format: one text needs several signatures,
 * a stamp must never pass for a release, and this is the check that pairing uses already.
 */
import type { IdentityCheck } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { parseMessage } from '#protocol/wire/envelope';
import type { Schema } from '#protocol/wire/schema';
import {
  type SignedText,
  type UpdateManifest,
  type UpdateOffer,
  type UpdateRoot,
  type UpdateStamp,
  updateManifestSchema,
  updateRootSchema,
  updateStampSchema,
} from '#protocol/wire/update';
import { parseBase64url } from './base64url.ts';

/** What may be signed. */
export type SignedKind = 'root' | 'release' | 'stamp';

/** SHA-256 of a text of ASCII, in hexadecimal. */
export type Sha256OfText = (text: string) => string;

/** What was offered, by who may. */
export interface VerifiedOffer {
  /** The newest root, to be trusted from now on. */
  readonly root: UpdateRoot;
  readonly manifest: UpdateManifest;
  /** Null: none, or none of this manifest. */
  readonly stamp: UpdateStamp | null;
}

/** @returns the bytes that a signature is made of: `tonearm.update.KIND.v1`, a zero byte, the text */
export function signedBytes(kind: SignedKind, text: string): Uint8Array {
  return Uint8Array.from(`tonearm.update.${kind}.v1\0${text}`, (character) => character.charCodeAt(0));
}

/** How many of these keys have signed it; one that signs twice counts once. */
export function countSigners(
  check: IdentityCheck,
  kind: SignedKind,
  { text, signatures }: SignedText,
  keys: readonly string[],
): number {
  const message = signedBytes(kind, text);
  const signers = new Set<string>();
  for (const { key, signature } of signatures) {
    const [publicKey, bytes] = [parseBase64url(key), parseBase64url(signature)];
    if (publicKey === null || bytes === null || !keys.includes(key) || signers.has(key)) continue;
    if (check.isSignedBy(publicKey, message, bytes)) signers.add(key);
  }
  return signers.size;
}

/** A root that is trusted for itself, as the package brings it: signed by as many of its own keys as it asks for. */
export function readFirstRoot(check: IdentityCheck, signed: SignedText): Result<UpdateRoot, TonearmError> {
  const root = readSigned(updateRootSchema, signed, 'the root of trust');
  if (!root.ok) return root;
  if (new Set(root.value.rootKeys).size < root.value.threshold)
    return refused(badSignature('root', 'fewer keys than its threshold'));
  return isRootSigned(check, signed, root.value)
    ? root
    : refused(badSignature('root', 'too few signatures of its own keys'));
}

/**
 * Goes from the trusted root to the newest: each is signed by the threshold of the one before it and by its own.
 * Older ones and the trusted one itself are passed over.
 */
export function followRoots(
  check: IdentityCheck,
  trusted: UpdateRoot,
  roots: readonly SignedText[],
): Result<UpdateRoot, TonearmError> {
  let root = trusted;
  for (const signed of roots) {
    const next = readFirstRoot(check, signed);
    if (!next.ok) return next;
    if (next.value.version <= root.version) continue;
    if (next.value.version !== root.version + 1) return refused(badSignature('root', `no root ${root.version + 1}`));
    if (!isRootSigned(check, signed, root))
      return refused(badSignature('root', `too few signatures of root ${root.version}`));
    root = next.value;
  }
  return ok(root);
}

/** @returns `update.bad-signature` naming what was not signed; a stamp that is none is no reason to refuse */
export function verifyOffer(
  check: IdentityCheck,
  sha256: Sha256OfText,
  trusted: UpdateRoot,
  offer: UpdateOffer,
): Result<VerifiedOffer, TonearmError> {
  const root = followRoots(check, trusted, offer.roots);
  if (!root.ok) return root;
  if (countSigners(check, 'release', offer.manifest, root.value.releaseKeys) < 1) {
    return refused(badSignature('manifest', `no release key of root ${root.value.version} has signed it`));
  }
  const manifest = readSigned(updateManifestSchema, offer.manifest, 'the manifest');
  if (!manifest.ok) return manifest;
  const stamp = offer.stamp === null ? null : readStamp(check, offer.stamp, root.value);
  const isItsOwn = stamp !== null && stamp.manifestSha256 === sha256(offer.manifest.text);
  return ok({ root: root.value, manifest: manifest.value, stamp: isItsOwn ? stamp : null });
}

function readStamp(check: IdentityCheck, signed: SignedText, root: UpdateRoot): UpdateStamp | null {
  if (countSigners(check, 'stamp', signed, root.stampKeys) < 1) return null;
  const stamp = readSigned(updateStampSchema, signed, 'the stamp');
  return stamp.ok ? stamp.value : null;
}

function isRootSigned(check: IdentityCheck, signed: SignedText, by: UpdateRoot): boolean {
  return countSigners(check, 'root', signed, by.rootKeys) >= by.threshold;
}

function readSigned<Value>(schema: Schema<Value>, { text }: SignedText, what: string): Result<Value, TonearmError> {
  return parseMessage(schema, text, what);
}

function badSignature(field: string, why: string): TonearmError {
  return new TonearmError('update.bad-signature', `${field}: ${why}`, { field });
}
