/**
 * The bridge's signing keys: made at its first start, kept in its data folder for its owner's eyes only, and followed
 * by others in time. They sign on this thread: 30 µs at once are better for whoever waits for a manifest than a turn in
 * the thread pool, which is how `jose` would do it.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { ContentTokenSigner } from '#bridge/core/ports/content-token-signer';
import type { ContentKey } from '#bridge/core/ports/content-token-verifier';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { ContentClaims } from '#protocol/wire/content-token';
import { counterSchema, type Infer, parseValue } from '#protocol/wire/schema';

const FILE_NAME = 'content-keys.json';
/** Names of keys: 64 bits, since nobody but this bridge gives them. */
const KID_BYTES = 8;
/** The longest life of a token is that of a day of music and a minute; twice that is forgotten by nobody's clock. */
const KEPT_AFTER_S = 2 * 24 * 60 * 60;
/** Keys kept at once; who rotates more often than this loses the oldest before its time. */
const KEYS_MAX = 16;

const base64urlKey = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const storedKeySchema = z.object({
  kid: z.string().check(z.regex(/^[A-Za-z0-9_-]{11}$/)),
  x: base64urlKey,
  /** The private half; null once it signs no more. */
  d: z.nullable(base64urlKey),
  sinceS: counterSchema,
  /** When the next one took over; null for the one that signs. */
  untilS: z.nullable(counterSchema),
});
/** Newest first: the first signs. */
const storedSchema = z.object({ keys: z.array(storedKeySchema).check(z.minLength(1), z.maxLength(KEYS_MAX)) });
type StoredKey = Infer<typeof storedKeySchema>;

export interface FileTokenSignerPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly dataDir: string;
}

/** @throws TonearmError `storage.failed` when the keys can be neither read nor made */
export async function openFileTokenSigner(ports: FileTokenSignerPorts): Promise<ContentTokenSigner> {
  const path = join(ports.dataDir, FILE_NAME);
  const signer = new FileTokenSigner(ports.clock, path);
  await signer.load(readKeys(path));
  return signer;
}

class FileTokenSigner implements ContentTokenSigner {
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #path: string;
  #stored: readonly StoredKey[] = [];
  #signing: SigningKey | null = null;

  constructor(clock: Pick<Clock, 'wallMs'>, path: string) {
    this.#clock = clock;
    this.#path = path;
  }

  async load(stored: readonly StoredKey[]): Promise<void> {
    const [newest] = stored;
    if (newest === undefined || newest.d === null) return await this.rotate();
    this.#signing = signingKey(newest.kid, newest.x, newest.d);
    this.#stored = stored;
  }

  async sign(claims: ContentClaims): Promise<string> {
    const signing = this.#signing;
    if (signing === null) throw new Error('a signer that was opened has a key');
    const signed = `${signing.header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    // Ed25519 has its hash within it (RFC 8037 section 3.1).
    return `${signed}.${sign(null, Buffer.from(signed), signing.key).toString('base64url')}`;
  }

  keys(): readonly ContentKey[] {
    const nowS = this.#nowS();
    return this.#stored
      .filter((it) => isKept(it, nowS))
      .map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' }));
  }

  async rotate(): Promise<void> {
    const nowS = this.#nowS();
    const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const kid = randomBytes(KID_BYTES).toString('base64url');
    const older = this.#stored.map((it) => ({ ...it, d: null, untilS: it.untilS ?? nowS }));
    const kept = older.filter((it) => isKept(it, nowS)).slice(0, KEYS_MAX - 1);
    const stored = [{ kid, x, d, sinceS: nowS, untilS: null }, ...kept];
    writeKeys(this.#path, stored);
    this.#stored = stored;
    this.#signing = signingKey(kid, x, d);
  }

  signingSinceS(): number {
    return this.#stored[0]?.sinceS ?? 0;
  }

  #nowS(): number {
    return Math.max(0, Math.trunc(this.#clock.wallMs() / 1000));
  }
}

/** The key of the moment and the header of what it signs. */
interface SigningKey {
  readonly header: string;
  readonly key: KeyObject;
}

function signingKey(kid: string, x: string, d: string): SigningKey {
  const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid })).toString('base64url');
  return { header, key: createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' }) };
}

function isKept(key: StoredKey, nowS: number): boolean {
  return key.untilS === null || nowS < key.untilS + KEPT_AFTER_S;
}

/** None when there are none yet, or when the file was cut short: that only ends the tokens they signed. */
function readKeys(path: string): readonly StoredKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new TonearmError('storage.failed', `the signing keys cannot be read: ${String(cause)}`, { cause });
  }
  try {
    const parsed = parseValue(storedSchema, JSON.parse(text), FILE_NAME);
    return parsed.ok ? parsed.value.keys : [];
  } catch {
    return [];
  }
}

function writeKeys(path: string, keys: readonly StoredKey[]): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify({ keys }), { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new TonearmError('storage.failed', `the signing keys cannot be written: ${String(cause)}`, { cause });
  }
}
