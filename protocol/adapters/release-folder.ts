/**
 * Releases as files: what `firmware publish` writes and a bridge serves. A folder that can be copied as it is; whatever is
 * in it is signed, so that it needs no care but that for being complete.
 *
 * `roots/N.json`, `releases/ARCH-SEQ.json`, `artifacts/SHA256` and `artifacts/SHA256.blocks.json`. A release appears last.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Infer, parseValue } from '#protocol/wire/schema';
import { type Arch, OFFER_TEXT_MAX, ROOTS_MAX, type SignedText, signedTextSchema } from '#protocol/wire/update';

/** Newest releases of an architecture that are looked at; older ones only take room. */
const RELEASES_MAX = 64;
const RELEASE_FILE = /^(arm64|x64)-([1-9][0-9]{0,14})\.json$/;
const ROOT_FILE = /^([1-9][0-9]{0,5})\.json$/;

export const releaseFileSchema = z.object({
  format: z.literal(1),
  manifest: signedTextSchema,
  stamp: z.nullable(signedTextSchema),
});
export type ReleaseFile = Infer<typeof releaseFileSchema>;

/** One release as it lies there. */
export interface StoredRelease {
  readonly arch: Arch;
  readonly seq: number;
  readonly file: ReleaseFile;
}

/** Where an artifact lies, whether it does or not. */
export function artifactPath(folder: string, sha256: string): string {
  return join(folder, 'artifacts', sha256);
}

export function blocksPath(folder: string, sha256: string): string {
  return join(folder, 'artifacts', `${sha256}.blocks.json`);
}

export function releasePath(folder: string, arch: Arch, seq: number): string {
  return join(folder, 'releases', `${arch}-${seq}.json`);
}

export function rootPath(folder: string, version: number): string {
  return join(folder, 'roots', `${version}.json`);
}

/** Oldest first, the first one of all included. @throws TonearmError `config.invalid` naming a file that is none */
export function readRoots(folder: string): SignedText[] {
  const versions = namesIn(join(folder, 'roots')).flatMap((name) => ROOT_FILE.exec(name)?.[1] ?? []);
  const newest = versions
    .map(Number)
    .sort((one, other) => one - other)
    .slice(-ROOTS_MAX);
  return newest.map((version) => readJson(signedTextSchema, rootPath(folder, version)));
}

/** The newest first. @throws TonearmError `config.invalid` naming a file that is none */
export function readReleases(folder: string): StoredRelease[] {
  const found = namesIn(join(folder, 'releases')).flatMap((name) => {
    const match = RELEASE_FILE.exec(name);
    return match === null ? [] : [{ arch: match[1] as Arch, seq: Number(match[2]) }];
  });
  const newest = found.sort((one, other) => other.seq - one.seq).slice(0, RELEASES_MAX);
  return newest.map(({ arch, seq }) => {
    return { arch, seq, file: readJson(releaseFileSchema, releasePath(folder, arch, seq)) };
  });
}

/** Reads a signed text, or a release. @throws TonearmError `config.invalid` naming the file */
export function readJson<Value>(schema: z.ZodMiniType<Value>, path: string): Value {
  let value: unknown;
  try {
    if (statSync(path).size > OFFER_TEXT_MAX) throw new Error('too large');
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new TonearmError('config.invalid', `${path} cannot be read`, { field: path, cause });
  }
  const parsed = parseValue(schema, value, path);
  if (!parsed.ok) throw new TonearmError('config.invalid', parsed.error.message, { field: path });
  return parsed.value;
}

/** In its place in one step, readable to others: nothing in it is secret. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
