/**
 * An origin that counts: a real HTTP server with made-up files whose bytes follow from their id and place, tokens signed
 * as a bridge signs them, and a list of every question it was asked. It can be told to misbehave.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileTokenSigner } from '#bridge/adapters/jose-tokens/file-token-signer';
import { chooseByteRange } from '#bridge/core/perimeter/byte-range';
import type { ContentTokenSigner } from '#bridge/core/ports/content-token-signer';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { CONTENT_TOKEN_AUDIENCE, type ContentClaims, type Revocations } from '#protocol/wire/content-token';
import { AUTHORISE_PATH, CONTENT_KEYS_PATH, FILE_PATH, HEAD_PATH, REVOCATIONS_PATH } from '#protocol/wire/versions';

export const ORIGIN_ISSUER = 'counting-origin';
const HEAD_BYTES = 60_000;

export interface OriginFile {
  readonly fileId: FileId;
  readonly bytes: Uint8Array;
}

/** One of the made-up files: bytes that follow from its number, so that any of them can be checked by its place. */
export function createOriginFile(number: number, sizeBytes: number): OriginFile {
  const content = Buffer.allocUnsafe(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 1) content[at] = (at * 31 + (at >> 8) * 17 + number * 7) & 0xff;
  return { fileId: fileId(number.toString(16).padStart(64, '0')), bytes: content };
}

export type Misbehaviour = 'none' | 'fails' | 'whole' | 'other-range' | 'cut' | 'refuses';

export class CountingOrigin {
  /** `GET /path range` of each question for files and heads, in order. */
  readonly asked: string[] = [];
  misbehaviour: Misbehaviour = 'none';
  /** Before each answer for a file. */
  delayMs = 0;
  revocations: Revocations = { revision: 0, entries: [] };
  #port = 0;
  readonly #files: ReadonlyMap<string, OriginFile>;
  readonly #server: Server;
  readonly #folder: string;
  readonly #signer: ContentTokenSigner;

  private constructor(files: readonly OriginFile[], folder: string, signer: ContentTokenSigner) {
    this.#files = new Map(files.map((file) => [file.fileId, file]));
    this.#folder = folder;
    this.#signer = signer;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(files: readonly OriginFile[]): Promise<CountingOrigin> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-origin-'));
    const signer = await openFileTokenSigner({ clock: { wallMs: () => Date.now() }, dataDir: folder });
    const origin = new CountingOrigin(files, folder, signer);
    await origin.listen(0);
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The one it has, or had before it left. */
  get port(): number {
    const address = this.#server.address();
    if (address !== null && typeof address !== 'string') this.#port = address.port;
    return this.#port;
  }

  /** An `Authorization` that opens these files. */
  async bearer(files: readonly FileId[], change: Partial<ContentClaims> = {}): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000);
    const claims: ContentClaims = {
      ...{ aud: CONTENT_TOKEN_AUDIENCE, iss: ORIGIN_ISSUER, sub: 'household', files: [...files] },
      ...{ nbf: nowS - 1, exp: nowS + 3600, jti: `token-${files.length}-${nowS}` },
      ...change,
    };
    return `Bearer ${await this.#signer.sign(claims)}`;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Away, as after a power cut; `listen(port)` brings it back. */
  async leave(): Promise<void> {
    if (!this.#server.listening) return;
    this.#port = this.port;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async stop(): Promise<void> {
    await this.leave();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const file = this.#files.get(name);
    switch (url.pathname.slice(0, url.pathname.lastIndexOf('/'))) {
      case FILE_PATH:
        this.asked.push(`file ${name} ${request.headers.range ?? ''}`);
        return this.#sendRange(request, response, file);
      case HEAD_PATH:
        this.asked.push(`head ${name}`);
        return void (file === undefined ? answer(response, 404) : response.end(file.bytes.subarray(0, HEAD_BYTES)));
      default:
        return this.#sendTrust(url, request, response);
    }
  }

  #sendTrust(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { revision } = this.revocations;
    if (url.pathname === CONTENT_KEYS_PATH) {
      response.end(JSON.stringify({ issuer: ORIGIN_ISSUER, keys: this.#signer.keys() }));
    } else if (url.pathname === REVOCATIONS_PATH) {
      if (url.searchParams.get('after') === String(revision)) answer(response, 304);
      else response.end(JSON.stringify(this.revocations));
    } else if (url.pathname === AUTHORISE_PATH) {
      this.asked.push(`authorise ${request.headers['x-original-uri'] ?? ''}`);
      const leftS = secondsLeft(request.headers.authorization ?? '');
      if (leftS > 0) response.setHeader('cache-control', `max-age=2, stale-if-error=${Math.max(0, leftS - 2)}`);
      answer(response, leftS > 0 ? 204 : 403);
    } else answer(response, 404);
  }

  async #sendRange(request: IncomingMessage, response: ServerResponse, file: OriginFile | undefined): Promise<void> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.misbehaviour === 'fails') return answer(response, 500);
    if (this.misbehaviour === 'refuses') return answer(response, 403);
    if (file === undefined) return answer(response, 404);
    const size = file.bytes.length;
    if (this.misbehaviour === 'whole') return void response.end(file.bytes);
    const range = chooseByteRange(request.headers.range, size);
    if (!range.ok) {
      response.setHeader('content-range', `bytes */${size}`);
      return answer(response, 416);
    }
    const { offset, length } = range.value;
    const shift = this.misbehaviour === 'other-range' ? 1 : 0;
    response.writeHead(206, {
      'content-range': `bytes ${offset + shift}-${offset + length - 1}/${size}`,
      'content-length': length,
    });
    if (this.misbehaviour !== 'cut') return void response.end(file.bytes.subarray(offset, offset + length));
    response.write(file.bytes.subarray(offset, offset + (length >> 1)), () => response.destroy());
  }
}

/** Of a token, whoever signed it; 0 when it is none. */
function secondsLeft(authorization: string): number {
  const payload = /^Bearer ey[^.]+\.([^.]+)\./.exec(authorization)?.[1];
  if (payload === undefined) return 0;
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as ContentClaims;
  return Math.floor(exp - Date.now() / 1000);
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status);
  response.end();
}
