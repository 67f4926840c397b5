/**
 * Pairing's cryptography: SPAKE2+ over @noble/curves, the code stretched by scrypt, and what is exchanged afterwards
 * sealed by AES-256-GCM, all from `node:crypto`.
 *
 * Tables of the curve take some megabytes once used: a speaker loads this file when somebody pairs it, and not before.
 */
import { createCipheriv, createDecipheriv, hkdfSync, scrypt } from 'node:crypto';
import type {
  PairingCipher,
  PairingParties,
  PairingStretch,
  Proving,
  SealedBy,
  Verifying,
} from '#protocol/ports/pairing-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import { PAIRING_VERSION } from '#protocol/wire/pairing';
import {
  encodeScalar,
  isSame,
  lengthOf,
  proverKeys,
  proverShare,
  randomScalar,
  readScalar,
  registrationPoint,
  type SpakeContext,
  scalarOf,
  verifierKeys,
  verifierShare,
} from './spake2-plus.ts';

/** 16 MiB and some 50 ms on a desk's machine, as RFC 7914 has it for logging in. Part of the version: never negotiated. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const;
/** For each of w0 and w1: 64 bits more than the order has, so that the remainder is even (RFC 9383 section 3.2). */
const STRETCHED_BYTES = 40;
const TAG_BYTES = 16;
/** All zero: each key seals one text and is made for it. */
const NONCE = new Uint8Array(12);
const SEAL_KEY_BYTES = 32;

export function createNoblePairingCipher(): PairingCipher {
  return {
    register: async (code, how) => {
      const { w0, w1 } = await stretch(code, how);
      return { w0: encodeScalar(w0), l: registrationPoint(w1) };
    },
    prove: async (code, how, parties) => prove(await stretch(code, how), contextOf(parties)),
    verify: ({ w0, l }, parties, share) => {
      try {
        return { ok: true, value: verify({ w0: readScalar(w0), l }, contextOf(parties), share) };
      } catch (cause) {
        return refused(notConvinced(cause));
      }
    },
    decoy: () => ({ w0: encodeScalar(randomScalar()), l: registrationPoint(randomScalar()) }),
    seal,
    open,
  };
}

/**
 * As RFC 9383 section 3.2 has it, the prover's id left empty: a speaker registers its code before it knows its bridge. Both
 * ids are in the transcript.
 */
async function stretch(code: string, how: PairingStretch): Promise<{ readonly w0: bigint; readonly w1: bigint }> {
  const parts = [Buffer.from(code), Buffer.alloc(0), Buffer.from(how.speakerId)];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(
    Buffer.concat(parts.flatMap((part) => [lengthOf(part), part])),
    how.salt,
    2 * STRETCHED_BYTES,
    SCRYPT,
    (error, derived) => (error === null ? resolve(derived) : reject(error)),
  );
  const stretched = await promise;
  return { w0: scalarOf(stretched.subarray(0, STRETCHED_BYTES)), w1: scalarOf(stretched.subarray(STRETCHED_BYTES)) };
}

function prove(secrets: { readonly w0: bigint; readonly w1: bigint }, who: SpakeContext): Proving {
  const x = randomScalar();
  const share = proverShare(secrets.w0, x);
  return {
    share,
    finish: (verifier, confirmation) => {
      try {
        const keys = proverKeys(who, { ...secrets, x }, { prover: share, verifier });
        if (!isSame(keys.confirmVerifier, confirmation)) return refused(notConvinced());
        return { ok: true, value: { confirmation: keys.confirmProver, key: keys.shared } };
      } catch (cause) {
        return refused(notConvinced(cause));
      }
    },
  };
}

function verify(
  record: { readonly w0: bigint; readonly l: Uint8Array },
  who: SpakeContext,
  prover: Uint8Array,
): Verifying {
  const y = randomScalar();
  const share = verifierShare(record.w0, y);
  const keys = verifierKeys(who, { ...record, y }, { prover, verifier: share });
  return {
    share,
    confirmation: keys.confirmVerifier,
    finish: (confirmation) => (isSame(keys.confirmProver, confirmation) ? keys.shared : null),
  };
}

function contextOf({ bridgeId, speakerId }: PairingParties): SpakeContext {
  return { context: `tonearm.pairing.v${PAIRING_VERSION}`, proverId: bridgeId, verifierId: speakerId };
}

function notConvinced(cause?: unknown): TonearmError {
  return new TonearmError('pairing.refused', 'the code is wrong, or this attempt is over', { field: 'code', cause });
}

function sealKey(key: Uint8Array, by: SealedBy): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', `tonearm.pairing.v${PAIRING_VERSION} ${by}`, SEAL_KEY_BYTES));
}

function seal(key: Uint8Array, by: SealedBy, plain: string): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', sealKey(key, by), NONCE, { authTagLength: TAG_BYTES });
  return new Uint8Array(Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]));
}

function open(key: Uint8Array, by: SealedBy, sealed: Uint8Array): string | null {
  if (sealed.length < TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', sealKey(key, by), NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
