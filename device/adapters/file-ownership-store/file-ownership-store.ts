/**
 * Whose speaker this is, as one JSON file of its owner alone. A file that cannot be read is an error and stays where it is:
 * a damaged record must not make the speaker anybody's.
 */
import { join } from 'node:path';
import * as z from 'zod/mini';
import {
  BRIDGE_ADDRESS_LENGTH_MAX,
  BRIDGE_ADDRESSES_MAX,
  type Ownership,
  type OwnershipStore,
} from '#device/core/ports/ownership-store';
import { readSecretFile, shredSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import { TonearmError } from '#protocol/vocabulary/errors';
import { bridgeIdSchema, parseValue, publicKeySchema, secretSchema } from '#protocol/wire/schema';

export const OWNERSHIP_FILE = 'ownership.json';

const ownershipSchema = z.object({
  householdId: z.string().check(z.regex(/^[0-9A-Za-z_-]{8,64}$/)),
  bridgeId: bridgeIdSchema,
  bridgePublicKey: publicKeySchema,
  /** 32 bytes, as a secret is. */
  tlsPin: secretSchema,
  addresses: z
    .array(z.string().check(z.maxLength(BRIDGE_ADDRESS_LENGTH_MAX)))
    .check(z.minLength(1), z.maxLength(BRIDGE_ADDRESSES_MAX)),
  pairedAtMs: z.number(),
});

/** @param folder must be there */
export function createFileOwnershipStore(folder: string): OwnershipStore {
  const path = join(folder, OWNERSHIP_FILE);
  return {
    load: async () => {
      const text = readSecretFile(path);
      return text === null ? null : parse(text, path);
    },
    save: async ({ bridgePublicKey, tlsPin, ...rest }) => {
      const record = { ...rest, bridgePublicKey: base64url(bridgePublicKey), tlsPin: base64url(tlsPin) };
      writeSecretFile(path, `${JSON.stringify(record, null, 2)}\n`);
    },
    clear: async () => shredSecretFile(path),
  };
}

function parse(text: string, path: string): Ownership {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TonearmError('storage.failed', `${path} is not JSON; a factory reset makes the speaker new`, { cause });
  }
  const record = parseValue(ownershipSchema, value, path);
  if (!record.ok) throw new TonearmError('storage.failed', record.error.message, { cause: record.error });
  const { bridgePublicKey, tlsPin, ...rest } = record.value;
  return { ...rest, bridgePublicKey: bytesOf(bridgePublicKey), tlsPin: bytesOf(tlsPin) };
}

/** Of text that the schema has checked. */
function bytesOf(text: string): Uint8Array {
  return parseBase64url(text) ?? new Uint8Array();
}
