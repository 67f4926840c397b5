/** The pieces of one exchange that need no memory: a code and its salt by chance, and what a bridge sealed, read with suspicion. */
import { parseBase64url } from '#protocol/kit/base64url';
import type { IdentityCheck } from '#protocol/ports/identity';
import { PAIRING_SALT_BYTES } from '#protocol/ports/pairing-cipher';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { PAIRING_CODE_DIGITS, type PairingBridge, pairingBridgeSchema } from '#protocol/wire/pairing';
import { parseValue } from '#protocol/wire/schema';

const DIGITS = 10;
/** Characters of base64url that hold the salt. */
const SALT_LENGTH = Math.ceil((PAIRING_SALT_BYTES * 4) / 3);

export function drawCode(random: Random): string {
  return Array.from({ length: PAIRING_CODE_DIGITS }, () => Math.floor(random.fraction() * DIGITS)).join('');
}

export function drawSalt(random: Random): Uint8Array {
  // The last character would hold bits that no byte has.
  return bytesOf(`${random.token(SALT_LENGTH).slice(0, -1)}A`);
}

/** Null unless it is what a bridge of this id would have sealed. */
export function readBridge(
  text: string | null,
  bridgeId: string,
  check: Pick<IdentityCheck, 'idOfPublicKey'>,
): PairingBridge | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const told = parseValue(pairingBridgeSchema, value, 'what the bridge sealed');
  return told.ok && check.idOfPublicKey(bytesOf(told.value.publicKey)) === bridgeId ? told.value : null;
}

/** Of text that a schema has checked. */
export function bytesOf(text: string): Uint8Array {
  const bytes = parseBase64url(text);
  if (bytes === null) throw new TonearmError('input.invalid', 'not base64url');
  return bytes;
}

/** The one refusal of confirm and finish: it does not say what was wrong. */
export function notConvinced(): TonearmError {
  return new TonearmError('pairing.refused', 'the code is wrong, or this attempt is over', { field: 'code' });
}
