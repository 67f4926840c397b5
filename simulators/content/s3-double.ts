/**
 * An S3 server in this process, for tests of what speaks to one: it checks every signature by its own reading of the
 * algorithm, knows the calls that the store uses, and fails when it is told to.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `slow-down` is 503 SlowDown; `reset` cuts the answer in its middle; `truncated` keeps a byte less of what it is sent and answers with that one's ETag; `full` is 507; `none` lets one pass. */
export type S3Fault =
  | 'slow-down'
  | 'internal-error'
  | 'reset'
  | 'truncated'
  | 'silent'
  | 'full'
  | 'complete-fails-late'
  | 'none';

/** Small, so that every listing of a test has several pages. */
const PAGE_KEYS_MAX = 3;

export class S3Double {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>();
  /** `METHOD key?query` of each request that was let in, in order. */
  readonly requests: string[] = [];
  /** Signatures that were wrong. */
  refusals = 0;
  readonly #credentials: { readonly keyId: string; readonly secret: string };
  readonly #bucket: string;
  readonly #server: Server;
  readonly #faults: { readonly fault: S3Fault; readonly method: string }[] = [];
  #lastUpload = 0;

  constructor(options: { readonly keyId: string; readonly secret: string; readonly bucket: string }) {
    this.#credentials = options;
    this.#bucket = options.bucket;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @returns its endpoint */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** The next `times` requests of this method go wrong. */
  failNext(method: string, fault: S3Fault, times = 1): void {
    for (let time = 0; time < times; time += 1) this.#faults.push({ fault, method });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    } catch {
      return;
    }
    const reply = this.#answer(request, Buffer.concat(pieces));
    if (reply !== null) write(reply, response);
  }

  /** @returns null for silence */
  #answer(request: IncomingMessage, body: Buffer): Reply | null {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', 'http://double');
    if (!this.#isSigned(request, url, body)) {
      this.refusals += 1;
      return errorReply(403, 'SignatureDoesNotMatch');
    }
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
    if (bucket !== this.#bucket) return errorReply(404, 'NoSuchBucket');
    const key = rest.join('/');
    this.requests.push(`${method} ${key}${url.search}`);
    const place = this.#faults.findIndex((it) => it.method === method);
    const fault = place === -1 ? null : (this.#faults.splice(place, 1)[0]?.fault ?? null);
    if (fault === 'slow-down') return errorReply(503, 'SlowDown');
    if (fault === 'internal-error') return errorReply(500, 'InternalError');
    if (fault === 'full') return errorReply(507, 'XMinioStorageFull');
    if (fault === 'silent') return null;
    return this.#perform({ method, key, query: url.searchParams, headers: request.headers, body, fault });
  }

  #perform(call: Call): Reply {
    const uploadId = call.query.get('uploadId');
    if (uploadId !== null) return this.#performUpload(call, uploadId);
    if (call.method === 'POST' && call.query.has('uploads')) return this.#begin(call.key);
    if (call.method === 'GET' && call.key === '') {
      return xmlReply(call.query.has('uploads') ? this.#listUploads() : this.#listObjects(call.query));
    }
    const kept = call.fault === 'truncated' ? call.body.subarray(1) : call.body;
    if (call.method === 'PUT') {
      this.objects.set(call.key, kept);
      return { status: 200, headers: { etag: etagOf(kept) } };
    }
    if (call.method === 'DELETE') {
      this.objects.delete(call.key);
      return { status: 204, headers: {} };
    }
    const found = this.objects.get(call.key);
    if (found === undefined) return errorReply(404, 'NoSuchKey');
    if (call.method === 'HEAD') {
      return { status: 200, headers: { 'content-length': found.length, etag: etagOf(found) } };
    }
    return objectReply(call, found);
  }

  #performUpload(call: Call, uploadId: string): Reply {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined || upload.key !== call.key) return errorReply(404, 'NoSuchUpload');
    if (call.method === 'PUT') {
      const kept = call.fault === 'truncated' ? call.body.subarray(1) : call.body;
      upload.parts.set(Number(call.query.get('partNumber')), kept);
      return { status: 200, headers: { etag: etagOf(kept) } };
    }
    if (call.method === 'POST' && call.fault === 'complete-fails-late') {
      return xmlReply('<Error><Code>InternalError</Code></Error>');
    }
    if (call.method === 'POST') {
      const numbers = [...call.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
      const parts = numbers.map(([, number, etag]) => ({ part: upload.parts.get(Number(number)), etag }));
      if (parts.some(({ part, etag }) => part === undefined || etagOf(part) !== etag)) {
        return errorReply(400, 'InvalidPart');
      }
      this.objects.set(call.key, Buffer.concat(parts.map(({ part }) => part ?? Buffer.alloc(0))));
    }
    this.uploads.delete(uploadId);
    if (call.method === 'DELETE') return { status: 204, headers: {} };
    // The upload is complete, and whoever asked never learns it.
    if (call.fault === 'reset') return { status: 0, headers: {} };
    return xmlReply('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }

  #begin(key: string): Reply {
    this.#lastUpload += 1;
    const uploadId = `upload+${this.#lastUpload}/x`;
    this.uploads.set(uploadId, { key, parts: new Map() });
    return xmlReply(`<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`);
  }

  #listObjects(query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? '';
    const prefix = query.get('prefix') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && `after&${key}` > after).sort();
    const page = keys.slice(0, PAGE_KEYS_MAX);
    const contents = page.map(
      (key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.length ?? 0}</Size></Contents>`,
    );
    const next = keys.length > page.length ? `after&amp;${page.at(-1)}` : null;
    const more =
      next === null
        ? 'false'
        : `true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken><IsTruncated>true`;
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}</ListBucketResult>`;
  }

  #listUploads(): string {
    const uploads = [...this.uploads].map(
      ([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return `<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`;
  }

  /** The request as it came, hashed and signed as the algorithm says; nothing here is shared with the client's side. */
  #isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
    const given =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
        request.headers.authorization ?? '',
      );
    if (given === null || given[1] !== this.#credentials.keyId) return false;
    const [, , day = '', region = '', signed = '', signature] = given;
    const payload = createHash('sha256').update(body).digest('hex');
    if (request.headers['x-amz-content-sha256'] !== payload) return false;
    const lines = [request.method ?? '', url.pathname, url.search.slice(1).split('&').sort().join('&')];
    for (const name of signed.split(';')) lines.push(`${name}:${String(request.headers[name] ?? '')}`);
    lines.push('', signed, payload);
    const hash = createHash('sha256').update(lines.join('\n')).digest('hex');
    const time = String(request.headers['x-amz-date'] ?? '');
    const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/s3/aws4_request\n${hash}`;
    let key: Buffer = Buffer.from(`AWS4${this.#credentials.secret}`);
    for (const step of [day, region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(step).digest();
    return time.startsWith(day) && createHmac('sha256', key).update(text).digest('hex') === signature;
  }
}

interface Reply {
  /** 0: the connection ends without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
  /** Ends after half of the body. */
  readonly isCut?: boolean;
}

interface Call {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly fault: S3Fault | null;
}

function objectReply(call: Call, found: Buffer): Reply {
  const range = /^bytes=(\d+)-(\d+)$/.exec(call.headers.range ?? '');
  const first = range === null ? 0 : Number(range[1]);
  const last = range === null ? found.length - 1 : Math.min(Number(range[2]), found.length - 1);
  if (first > last && found.length > 0) return errorReply(416, 'InvalidRange');
  const body = found.subarray(first, last + 1);
  const headers = { 'content-length': body.length, etag: etagOf(found) };
  if (range === null) return { status: 200, headers, body, isCut: call.fault === 'reset' };
  const contentRange = { 'content-range': `bytes ${first}-${last}/${found.length}` };
  return { status: 206, headers: { ...headers, ...contentRange }, body, isCut: call.fault === 'reset' };
}

function write(reply: Reply, response: ServerResponse): void {
  if (reply.status === 0) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { ...reply.headers });
  const body = reply.body ?? Buffer.alloc(0);
  if (reply.isCut === true) response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.destroy());
  else response.end(body);
}

function xmlReply(xml: string, status = 200): Reply {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

function errorReply(status: number, code: string): Reply {
  return xmlReply(`<Error><Code>${code}</Code><Message>as told</Message></Error>`, status);
}

function etagOf(content: Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}
