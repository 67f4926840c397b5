/** Answers that are no music: errors with their body (spec section 9) and short texts. Each returns the status it sent. */
import type { ServerResponse } from 'node:http';
import { retryAfterOf, statusOf } from '#bridge/core/perimeter/error-status';
import { viewWebApiError } from '#bridge/core/views/web-api-error';
import type { TonearmError } from '#protocol/vocabulary/errors';

export function sendText(response: ServerResponse, status: number, text: string, closes = false): number {
  const retryAfter = retryAfterOf(status);
  if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
  // Of a request whose body nobody reads the connection is not kept.
  if (closes) response.setHeader('connection', 'close');
  response.writeHead(status, {
    'content-type': text.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
  return status;
}

/** When an answer has begun already, its connection is cut: a short body must not look like a whole one. */
export function sendError(response: ServerResponse, error: TonearmError): number {
  const status = statusOf(error);
  if (response.headersSent) {
    response.destroy();
    return status;
  }
  return sendText(response, status, `${JSON.stringify(viewWebApiError(error, false))}\n`);
}
