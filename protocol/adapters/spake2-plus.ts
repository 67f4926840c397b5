/**
 * The arithmetic of SPAKE2+ in the suite P256-SHA256-HKDF-SHA256-HMAC-SHA256 (RFC 9383, sections 3 and 4), with the random
 * numbers given by the caller, so that the RFC's own vectors can be put to it. Points are uncompressed (SEC 1).
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';

const { Point } = p256;
type CurvePoint = InstanceType<typeof Point>;

/** RFC 9383 section 4, for P-256. */
const M = Point.fromHex('02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f');
const N = Point.fromHex('03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49');
const POINT_BYTES = 65;
const KEY_BYTES = 32;
/** Lengths in the transcript are 64 bits, little endian. */
const LENGTH_BYTES = 8;

/** Who and in which protocol: what goes first into the transcript. */
export interface SpakeContext {
  readonly context: string;
  readonly proverId: string;
  readonly verifierId: string;
}

/** What both sides derive. */
export interface SpakeKeys {
  readonly confirmProver: Uint8Array;
  readonly confirmVerifier: Uint8Array;
  readonly shared: Uint8Array;
}

/** Half of the stretched code as a number below the group's order, never zero. */
export function scalarOf(stretched: Uint8Array): bigint {
  const value = BigInt(`0x${Buffer.from(stretched).toString('hex')}`) % Point.Fn.ORDER;
  return value === 0n ? 1n : value;
}

/** From 32 bytes. @throws when it is zero or not below the order */
export function readScalar(encoded: Uint8Array): bigint {
  return Point.Fn.fromBytes(encoded);
}

export function encodeScalar(scalar: bigint): Uint8Array {
  return Point.Fn.toBytes(scalar);
}

/** From the CSPRNG, 1 to order − 1. */
export function randomScalar(): bigint {
  return readScalar(p256.utils.randomSecretKey());
}

/** `L = w1·P`: what the verifier keeps instead of w1. */
export function registrationPoint(w1: bigint): Uint8Array {
  return encode(Point.BASE.multiply(w1));
}

/** `shareP = x·P + w0·M`. */
export function proverShare(w0: bigint, x: bigint): Uint8Array {
  return encode(Point.BASE.multiply(x).add(M.multiply(w0)));
}

/** `shareV = y·P + w0·N`. */
export function verifierShare(w0: bigint, y: bigint): Uint8Array {
  return encode(Point.BASE.multiply(y).add(N.multiply(w0)));
}

/** @throws when the other's share is no point of the curve, or leads to none */
export function proverKeys(
  who: SpakeContext,
  secrets: { readonly w0: bigint; readonly w1: bigint; readonly x: bigint },
  shares: { readonly prover: Uint8Array; readonly verifier: Uint8Array },
): SpakeKeys {
  const { w0, w1, x } = secrets;
  const unmasked = decode(shares.verifier).subtract(N.multiply(w0));
  return deriveKeys(transcript(who, w0, shares, [unmasked.multiply(x), unmasked.multiply(w1)]), shares);
}

/** @throws when the other's share is no point of the curve, or leads to none */
export function verifierKeys(
  who: SpakeContext,
  secrets: { readonly w0: bigint; readonly l: Uint8Array; readonly y: bigint },
  shares: { readonly prover: Uint8Array; readonly verifier: Uint8Array },
): SpakeKeys {
  const { w0, l, y } = secrets;
  const unmasked = decode(shares.prover).subtract(M.multiply(w0));
  return deriveKeys(transcript(who, w0, shares, [unmasked.multiply(y), decode(l).multiply(y)]), shares);
}

/** In constant time for what has the right length. */
export function isSame(expected: Uint8Array, given: Uint8Array): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function transcript(
  who: SpakeContext,
  w0: bigint,
  shares: { readonly prover: Uint8Array; readonly verifier: Uint8Array },
  secrets: readonly [CurvePoint, CurvePoint],
): Uint8Array {
  const parts = [
    Buffer.from(who.context),
    Buffer.from(who.proverId),
    Buffer.from(who.verifierId),
    encode(M),
    encode(N),
    shares.prover,
    shares.verifier,
    ...secrets.map(encode),
    encodeScalar(w0),
  ];
  return Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
}

/** A part with its length before it: for transcripts and for what is stretched. */
export function lengthOf(part: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(part.length));
  return length;
}

function deriveKeys(
  text: Uint8Array,
  shares: { readonly prover: Uint8Array; readonly verifier: Uint8Array },
): SpakeKeys {
  const main = createHash('sha256').update(text).digest();
  const confirmation = Buffer.from(hkdfSync('sha256', main, '', 'ConfirmationKeys', 2 * KEY_BYTES));
  const mac = (key: Uint8Array, over: Uint8Array) => createHmac('sha256', key).update(over).digest();
  return {
    confirmProver: mac(confirmation.subarray(0, KEY_BYTES), shares.verifier),
    confirmVerifier: mac(confirmation.subarray(KEY_BYTES), shares.prover),
    shared: new Uint8Array(hkdfSync('sha256', main, '', 'SharedKey', KEY_BYTES)),
  };
}

/** Checks that it is on the curve; its order is prime, so that there are no small subgroups. */
function decode(encoded: Uint8Array): CurvePoint {
  if (encoded.length !== POINT_BYTES) throw new RangeError(`a point has ${POINT_BYTES} bytes, got ${encoded.length}`);
  const point = Point.fromBytes(encoded);
  point.assertValidity();
  return point;
}

function encode(point: CurvePoint): Uint8Array {
  return point.toBytes(false);
}
