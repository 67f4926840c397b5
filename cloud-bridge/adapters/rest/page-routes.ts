/** The page at the bridge's address, from a list of files read at the start. */
import type { FastifyInstance } from 'fastify';
import type { PageFile } from './page-files.ts';

/** Everything from this bridge and nothing inline: a song title that is a script stays a title. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function addPageRoutes(app: FastifyInstance, files: ReadonlyMap<string, PageFile>): void {
  for (const [path, file] of files) {
    app.get(path, { config: { isPublic: true, isPageFile: true } }, async (request, reply) => {
      reply
        .header('content-security-policy', PAGE_POLICY)
        .header('referrer-policy', 'no-referrer')
        // Asked again each time, so that an update of the bridge is an update of the page.
        .header('cache-control', 'no-cache')
        .header('etag', file.etag);
      if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
      return reply.header('content-type', file.mediaType).send(file.content);
    });
  }
}
