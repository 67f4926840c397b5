/**
 * AWS Signature Version 4 for S3, in the `Authorization` header: a canonical form of the request is hashed and signed
 * with a key made from the secret, the day, the region and the service. The secret itself never leaves this file.
 */
import { createHash, createHmac } from 'node:crypto';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 's3';

export interface S3Credentials {
  readonly keyId: string;
  readonly secret: string;
}

/** A request as it will be sent. All of its headers are signed. */
export interface UnsignedRequest {
  readonly method: string;
  /** `host` or `host:port`, as in the Host header. */
  readonly host: string;
  /** Decoded, with its leading slash. */
  readonly path: string;
  /** Decoded. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payloadSha256Hex: string;
}

/** @returns the headers to send, `authorization` and the date among them */
export function signRequest(
  request: UnsignedRequest,
  credentials: S3Credentials,
  scope: { readonly region: string; readonly wallMs: number },
): Readonly<Record<string, string>> {
  const time = new Date(scope.wallMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    'x-amz-content-sha256': request.payloadSha256Hex,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    encodePath(request.path),
    encodeQuery(request.query),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    request.payloadSha256Hex,
  ].join('\n');
  const place = `${day}/${scope.region}/${SERVICE}/aws4_request`;
  const text = [ALGORITHM, time, place, sha256Hex(canonical)].join('\n');
  const key = [scope.region, SERVICE, 'aws4_request'].reduce(mac, mac(`AWS4${credentials.secret}`, day));
  const signature = mac(key, text).toString('hex');
  const authorization = `${ALGORITHM} Credential=${credentials.keyId}/${place},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...headers, authorization };
}

export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As it is signed and as it is sent: the two must not differ. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeStrictly).join('/');
}

/** Sorted, as the signature asks. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`);
  return pairs.sort().join('&');
}

/** RFC 3986: everything but its unreserved characters. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
}

function mac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
