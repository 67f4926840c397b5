/** The page at the bridge's address, from a list of files read at the start. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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

/** Addresses that people see and links lead to, and the file that each is. */
const PAGES: readonly (readonly [path: string, file: string])[] = [
  ['/sign-in', '/sign-in.html'],
  ['/welcome', '/sign-in.html'],
  ['/device', '/sign-in.html'],
  ['/people', '/people.html'],
];

export function addPageRoutes(app: FastifyInstance, files: ReadonlyMap<string, PageFile>): void {
  const pages = PAGES.flatMap(([path, name]) => {
    const file = files.get(name);
    return file === undefined ? [] : [[path, file] as const];
  });
  for (const [path, file] of [...files, ...pages]) {
    app.get(path, { config: { isPublic: true, isPageFile: true } }, (request, reply) =>
      sendPageFile(request, reply, file),
    );
  }
}

export async function sendPageFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: PageFile,
): Promise<FastifyReply> {
  reply
    .header('content-security-policy', PAGE_POLICY)
    .header('referrer-policy', 'no-referrer')
    // Asked again each time, so that an update of the bridge is an update of the page.
    .header('cache-control', 'no-cache')
    .header('etag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  return reply.header('content-type', file.mediaType).send(file.content);
}
