/** Passes a request on to the server behind a proxy, and gives its answer once all of it is there. */
import { type IncomingMessage, request } from 'node:http';

/** An answer to a request for music: some MiB at the most. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** @param headers in the place of those that were sent with `asked` */
export function askUpstream(
  asked: IncomingMessage,
  target: { readonly host: string; readonly port: string },
  headers: IncomingMessage['headers'] = asked.headers,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const upstream = request({ ...target, path: asked.url, method: asked.method, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(pieces) }),
      );
      answer.on('error', reject);
    });
    upstream.on('error', reject);
    asked.pipe(upstream);
  });
}
