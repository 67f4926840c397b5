import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519Check, identityOf, makePrivateKey } from '#protocol/adapters/ed25519';
import type { Identity } from '#protocol/ports/identity';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { SignedText, UpdateOffer, UpdateRoot } from '#protocol/wire/update';
import { base64url } from './base64url.ts';
import { followRoots, readFirstRoot, type SignedKind, signedBytes, verifyOffer } from './update-trust.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const keys = Array.from({ length: 8 }, () => identityOf(makePrivateKey()));
const [one, two, three, four, five, release, stamping, stranger] = keys as [
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
];
const nameOf = ({ publicKey }: Identity) => base64url(publicKey);

function sign(kind: SignedKind, value: object, ...by: Identity[]): SignedText {
  const text = JSON.stringify(value);
  const signatureOf = (key: Identity) => base64url(key.sign(signedBytes(kind, text)));
  return { text, signatures: by.map((key) => ({ key: nameOf(key), signature: signatureOf(key) })) };
}

function rootOf(version: number, roots: Identity[]): UpdateRoot {
  const rootKeys = roots.map(nameOf);
  const others = { releaseKeys: [nameOf(release)], stampKeys: [nameOf(stamping)] };
  return {
    format: 1,
    kind: 'root',
    product: 'tonearm-speaker',
    version,
    createdMs: 1_000,
    threshold: 2,
    rootKeys,
    ...others,
  };
}

const trusted = rootOf(1, [one, two, three]);
const manifest = {
  ...{ format: 1, kind: 'release', product: 'tonearm-speaker', channel: 'stable', version: '0.2.0', seq: 2, minSeq: 0 },
  ...{ createdMs: 1_000, expiresMs: 2_000, arch: 'x64', hardware: [], isCritical: false, notes: '' },
  artifact: { sizeBytes: 1, sha256: 'a'.repeat(64), blockBytes: 65_536, blocksSha256: 'b'.repeat(64) },
  requires: { base: 0, glibc: '2.28', freeBytes: 0 },
  rollout: { percent: 100, seed: 's' },
};
const signedManifest = sign('release', manifest, release);
const stamp = { format: 1, kind: 'stamp', product: 'tonearm-speaker', createdMs: 1_500, expiresMs: 9_000 };
const ownStamp = { ...stamp, manifestSha256: sha256(signedManifest.text) };
const offer: UpdateOffer = { format: 1, roots: [], manifest: signedManifest, stamp: sign('stamp', ownStamp, stamping) };
const verify = (of: UpdateOffer) => verifyOffer(ed25519Check, sha256, trusted, of);
const codeOf = (result: Result<unknown, TonearmError>) => (result.ok ? 'ok' : result.error.code);

describe('the trust of updates', () => {
  it('takes what a release key signed, with its stamp', () => {
    const verified = verify(offer);
    expect(verified.ok && [verified.value.manifest.seq, verified.value.stamp?.expiresMs]).toEqual([2, 9_000]);
  });

  it('takes a release from nobody else, nor a signature of something else', () => {
    for (const by of [one, stamping, stranger]) {
      expect(codeOf(verify({ ...offer, manifest: sign('release', manifest, by) }))).toBe('update.bad-signature');
    }
    for (const kind of ['root', 'stamp'] as const) {
      expect(codeOf(verify({ ...offer, manifest: sign(kind, manifest, release) }))).toBe('update.bad-signature');
    }
  });

  it('refuses a manifest of which one character is another, whichever', () => {
    fc.assert(
      fc.property(fc.nat(signedManifest.text.length - 1), fc.integer({ min: 1, max: 94 }), (at, by) => {
        const { text } = signedManifest;
        const other = String.fromCharCode(32 + ((text.charCodeAt(at) - 32 + by) % 95));
        const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
        expect(codeOf(verify({ ...offer, manifest: { ...signedManifest, text: changed } }))).toBe(
          'update.bad-signature',
        );
      }),
      { numRuns: 60 },
    );
  });

  it('passes over a stamp that is another manifest’s, or that a stamp key has not signed', () => {
    for (const other of [
      sign('stamp', { ...ownStamp, manifestSha256: 'c'.repeat(64) }, stamping),
      sign('stamp', ownStamp, release),
      sign('release', ownStamp, stamping),
    ]) {
      const verified = verify({ ...offer, stamp: other });
      expect(verified.ok && verified.value.stamp).toBeNull();
    }
  });

  it('follows roots that the threshold of the one before has signed, and of their own', () => {
    const second = rootOf(2, [two, three, four]);
    const third = rootOf(3, [three, four, five]);
    const chain = [sign('root', second, one, two, four), sign('root', third, three, four)];
    const followed = followRoots(ed25519Check, trusted, chain);
    expect(followed.ok && followed.value.version).toBe(3);
    const again = followRoots(ed25519Check, third, chain);
    expect(again.ok && again.value.version).toBe(3);
  });

  it.each([
    ['the old ones are too few', sign('root', rootOf(2, [three, four, five]), three, four)],
    ['its own are too few', sign('root', rootOf(2, [three, four, five]), one, two, three)],
    ['one signs twice', sign('root', rootOf(2, [one, two, three]), one, one)],
    ['it jumps', sign('root', rootOf(3, [one, two, three]), one, two)],
    ['strangers sign', sign('root', rootOf(2, [one, two, three]), stranger, five)],
  ])('follows no root when %s', (_, next) => {
    expect(codeOf(followRoots(ed25519Check, trusted, [next]))).toBe('update.bad-signature');
  });

  it('ends a key that a newer root does not list', () => {
    const other = { ...rootOf(2, [one, two, three]), releaseKeys: [nameOf(stranger)] };
    const roots = [sign('root', other, one, two)];
    expect(codeOf(verify({ ...offer, roots }))).toBe('update.bad-signature');
    expect(codeOf(verify({ ...offer, roots, manifest: sign('release', manifest, stranger) }))).toBe('ok');
  });

  it('believes no first root that asks for more keys than it has', () => {
    const twice = { ...trusted, rootKeys: [nameOf(one), nameOf(one)] };
    expect(codeOf(readFirstRoot(ed25519Check, sign('root', twice, one)))).toBe('update.bad-signature');
  });
});
