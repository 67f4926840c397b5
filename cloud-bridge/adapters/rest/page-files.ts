/**
 * The page's files, read once at the start: what is not in the list cannot be asked for, whatever a path may say.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** The page is small by intent; more than this in its folder is a mistake. */
const FILES_MAX = 200;
const FILE_BYTES_MAX = 2 * 1024 * 1024;

export interface PageFile {
  readonly mediaType: string;
  readonly etag: string;
  readonly content: Buffer;
}

/** @returns files by path, e.g. `/app.js`, and the index as `/`; empty when there is no such folder */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const path of await listFiles(folder)) {
    const mediaType = MEDIA_TYPES[extname(path)];
    if (mediaType === undefined || files.size >= FILES_MAX) continue;
    if ((await stat(path)).size > FILE_BYTES_MAX) continue;
    const content = await readFile(path);
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    files.set(name === '/index.html' ? '/' : name, { mediaType, etag, content });
  }
  return files;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}
