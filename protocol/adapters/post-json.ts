/**
 * One JSON body to an HTTP server and the answer's, bounded in bytes and time: for programs that ask a question and end.
 *
 * Node's client is got, not imported: a bundle would import it at the start of every speaker, which reads all of Node's
 * `fetch` too.
 */
import type { RequestOptions } from 'node:http';

export interface PostOptions {
  /** Certificates are checked by the machine's authorities; without it `place` brings a socket of its own, or none is needed. */
  readonly isSecure?: boolean;
  /** Where, and by which socket. */
  readonly place: RequestOptions;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answerWithinMs: number;
  readonly answerBytesMax: number;
}

export interface PostAnswer {
  /** HTTP status; 0 when it has none. */
  readonly status: number;
  /** Null when it is not JSON. */
  readonly body: unknown;
}

/** @throws whatever the connection failed with, and Error for an answer that is too long or too late */
export function postJson(body: object, options: PostOptions): Promise<PostAnswer> {
  const { place, path, answerBytesMax } = options;
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...options.headers,
  };
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const signal = AbortSignal.timeout(options.answerWithinMs);
  const { request } =
    options.isSecure === true ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const asked = request({ ...place, method: 'POST', path, headers, signal }, (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size > answerBytesMax) asked.destroy(new Error(`more than ${answerBytesMax} bytes`));
      else parts.push(part);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(parts)) }));
  });
  asked.on('error', reject);
  asked.end(text);
  return promise;
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
