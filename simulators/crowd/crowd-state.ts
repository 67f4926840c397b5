/**
 * What a crowd keeps between runs in its folder (`--state`): the secret that its keys come from, and whose its speakers are. So
 * a bridge that has taken them in knows them again, and nobody else can be them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { bytesOf } from '#device/core/control/pairing/pairing-exchange';
import { type Ownership, TLS_PIN_BYTES } from '#device/core/ports/ownership-store';
import { readSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import { base64url } from '#protocol/kit/base64url';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { bridgeId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { parseValue } from '#protocol/wire/schema';

const FILE = 'crowd.json';
/** 256 bits. */
const SECRET_LENGTH = 43;

const stateSchema = z.object({
  format: z.literal('tonearm.crowd.1'),
  secret: z.string().check(z.minLength(SECRET_LENGTH), z.maxLength(SECRET_LENGTH)),
  /** The house that took the first `paired` of them in; null: none has. */
  house: z.nullable(
    z.object({
      householdId: z.string(),
      bridgeId: z.string(),
      bridgePublicKey: z.string(),
      tlsPin: z.string(),
      addresses: z.array(z.string()),
      pairedAtMs: z.number(),
    }),
  ),
  paired: z.int().check(z.minimum(0)),
});
type Stored = z.infer<typeof stateSchema>;

export class CrowdState {
  readonly #path: string;
  #stored: Stored;

  private constructor(path: string, stored: Stored) {
    this.#path = path;
    this.#stored = stored;
  }

  /** Made where there is none. @throws TonearmError `config.invalid` naming the folder */
  static open(folder: string, random: Random): CrowdState {
    const path = join(folder, FILE);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const text = readSecretFile(path);
      const value = text === null ? null : parseValue(stateSchema, JSON.parse(text), FILE);
      if (value !== null && !value.ok) throw value.error;
      const state = new CrowdState(path, value?.value ?? fresh(random));
      if (value === null) state.#write();
      return state;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TonearmError('config.invalid', `--state: ${folder} is no folder of a crowd: ${why}`, {
        field: '--state',
        cause,
      });
    }
  }

  /** As of `crowdIdentity`. */
  get secret(): string {
    return this.#stored.secret;
  }

  /** How many are somebody's, from number 0. */
  get paired(): number {
    return this.#stored.paired;
  }

  /** @returns null: nobody's */
  houseOf(number: number): Ownership | null {
    const { house, paired } = this.#stored;
    if (house === null || number >= paired) return null;
    return {
      ...house,
      bridgeId: bridgeId(house.bridgeId),
      bridgePublicKey: bytesOf(house.bridgePublicKey),
      tlsPin: bytesOf(house.tlsPin),
    };
  }

  /** The next one, number `paired`, was taken in. @throws TonearmError `storage.failed` */
  tookIn(house: Ownership): void {
    assert(house.tlsPin.length === TLS_PIN_BYTES, 'a pin is a SHA-256');
    const { bridgePublicKey, tlsPin, addresses } = house;
    const kept = {
      ...house,
      bridgePublicKey: base64url(bridgePublicKey),
      tlsPin: base64url(tlsPin),
      addresses: [...addresses],
    };
    this.#stored = { ...this.#stored, house: kept, paired: this.#stored.paired + 1 };
    this.#write();
  }

  #write(): void {
    writeSecretFile(this.#path, `${JSON.stringify(this.#stored)}\n`);
  }
}

function fresh(random: Random): Stored {
  return { format: 'tonearm.crowd.1', secret: random.token(SECRET_LENGTH), house: null, paired: 0 };
}
