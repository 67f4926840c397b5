/** What pairing leaves in the speaker's folder: a count of failed attempts, and the label with the code to read. */
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { PairingMemory } from '#device/core/ports/pairing-memory';
import { readSecretFile, shredSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseValue } from '#protocol/wire/schema';

export const PAIRING_FILE = 'pairing.json';
/** For people: `cat` shows the code. */
export const LABEL_FILE = 'pairing-code.txt';

const pairingSchema = z.object({ failures: z.int().check(z.gte(0)) });

/** @param folder must be there */
export function createFilePairingMemory(folder: string): PairingMemory {
  const path = join(folder, PAIRING_FILE);
  const label = join(folder, LABEL_FILE);
  return {
    failures: async () => {
      const text = readSecretFile(path);
      return text === null ? 0 : parse(text, path);
    },
    saveFailures: async (failures) => writeSecretFile(path, `${JSON.stringify({ failures })}\n`),
    writeLabel: async (text) => {
      if (text === null) shredSecretFile(label);
      else writeSecretFile(label, text);
    },
  };
}

/** A count that cannot be read is not zero: a person at the speaker has to set it back. */
function parse(text: string, path: string): number {
  try {
    const parsed = parseValue(pairingSchema, JSON.parse(text), path);
    if (parsed.ok) return parsed.value.failures;
    throw parsed.error;
  } catch (cause) {
    throw new TonearmError('storage.failed', `${path} cannot be read; run \`tonearm device pair\``, { cause });
  }
}
