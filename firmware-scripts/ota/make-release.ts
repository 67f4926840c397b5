/** A release of one artifact, in a folder of releases (`protocol/adapters/release-folder`), and what is done to it there: stamped, checked, packed. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ed25519Check } from '#protocol/adapters/ed25519';
import {
  artifactPath,
  blocksPath,
  type ReleaseFile,
  readJson,
  readReleases,
  readRoots,
  releasePath,
  rootPath,
  type StoredRelease,
  writeJson,
} from '#protocol/adapters/release-folder';
import { readFirstRoot, type VerifiedOffer, verifyOffer } from '#protocol/kit/update-trust';
import type { Identity } from '#protocol/ports/identity';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseValue } from '#protocol/wire/schema';
import {
  BLOCK_BYTES,
  type SignedText,
  type SlotVersion,
  slotVersionSchema,
  UPDATE_PRODUCT,
  type UpdateManifest,
  type UpdateOffer,
  type UpdatePack,
  updateManifestSchema,
} from '#protocol/wire/update';
import { mapArtifact, sha256Of } from './block-map.ts';
import { signText } from './sign-text.ts';

/** Of a release that nobody stamps. */
export const RELEASE_DAYS = 30;
/** A stamp is renewed each day; a bridge that was off for a holiday still has a fresh one. */
export const STAMP_DAYS = 14;
const DAY_MS = 86_400_000;

/** What the person who releases says of it. */
export type ReleaseWords = Pick<
  UpdateManifest,
  'version' | 'seq' | 'arch' | 'channel' | 'hardware' | 'minSeq' | 'isCritical' | 'notes' | 'requires' | 'rollout'
>;

/** Signs and writes it: artifact, map of blocks, then the release. @throws TonearmError `input.invalid` naming what is wrong */
export async function signRelease(
  artifact: string,
  words: ReleaseWords,
  key: Identity,
  to: { readonly folder: string; readonly nowMs: number; readonly isDryRun: boolean },
): Promise<UpdateManifest> {
  const { sizeBytes, sha256, blocksText, blocksSha256 } = await mapArtifact(artifact);
  const told = {
    ...{ format: 1, kind: 'release', product: UPDATE_PRODUCT, createdMs: to.nowMs },
    ...words,
    expiresMs: to.nowMs + RELEASE_DAYS * DAY_MS,
    artifact: { sizeBytes, sha256, blockBytes: BLOCK_BYTES, blocksSha256 },
  };
  const manifest = parseValue(updateManifestSchema, told, 'the release');
  if (!manifest.ok) throw manifest.error;
  if (to.isDryRun) return manifest.value;
  await mkdir(join(to.folder, 'artifacts'), { recursive: true });
  await copyWhole(artifact, artifactPath(to.folder, sha256));
  const file = await open(blocksPath(to.folder, sha256), 'w');
  await file.writeFile(blocksText);
  await file.close();
  const release: ReleaseFile = { format: 1, manifest: signText('release', manifest.value, [key]), stamp: null };
  writeJson(releasePath(to.folder, words.arch, words.seq), release);
  return manifest.value;
}

/**
 * A package of this binary is that release: the paper that a build has left beside it gets the release's version and number,
 * so that a board whose package is upgraded takes the package's version over an older one that updates had brought.
 * @returns whether there is such a paper
 */
export function numberBuild(
  artifact: string,
  { version, seq, arch, artifact: { sizeBytes, sha256 } }: UpdateManifest,
): boolean {
  const path = join(dirname(artifact), 'version.json');
  if (!existsSync(path) || readJson(slotVersionSchema, path).sha256 !== sha256) return false;
  const paper: SlotVersion = { format: 1, version, seq, arch, sizeBytes, sha256 };
  writeJson(path, paper);
  return true;
}

/** Makes the newest release of each architecture fresh for `STAMP_DAYS`. @returns what was stamped */
export function stampReleases(folder: string, key: Identity, nowMs: number, isDryRun: boolean): StoredRelease[] {
  const newest = newestOfEach(readReleases(folder));
  for (const { arch, seq, file } of newest) {
    const stamp = {
      ...{ format: 1, kind: 'stamp', product: UPDATE_PRODUCT, createdMs: nowMs },
      manifestSha256: sha256Of(file.manifest.text),
      expiresMs: nowMs + STAMP_DAYS * DAY_MS,
    };
    if (!isDryRun) writeJson(releasePath(folder, arch, seq), { ...file, stamp: signText('stamp', stamp, [key]) });
  }
  return newest;
}

/**
 * Copies what was signed into a folder that a bridge serves, after checking all of it as a speaker would.
 * @param roots from the folder of keys, oldest first
 * @throws TonearmError `update.*` or `config.invalid`; nothing was published then
 */
export async function publishReleases(
  from: string,
  to: string,
  roots: readonly SignedText[],
  isDryRun: boolean,
): Promise<UpdateManifest[]> {
  const published = readReleases(to);
  const manifests: UpdateManifest[] = [];
  for (const release of newestOfEach(readReleases(from))) {
    const { manifest } = checkRelease(release.file, roots);
    const newest = published.find(({ arch }) => arch === release.arch);
    if (newest !== undefined && newest.seq > release.seq) {
      throw new TonearmError(
        'update.old-sequence',
        `${to} has ${newest.seq} for ${release.arch} already, this is ${release.seq}`,
      );
    }
    await checkArtifact(from, manifest);
    manifests.push(manifest);
    if (isDryRun) continue;
    for (const [index, root] of roots.entries()) writeJson(rootPath(to, index + 1), root);
    const { sha256 } = manifest.artifact;
    await mkdir(join(to, 'artifacts'), { recursive: true });
    await copyWhole(artifactPath(from, sha256), artifactPath(to, sha256));
    await copyWhole(blocksPath(from, sha256), blocksPath(to, sha256));
    writeJson(releasePath(to, release.arch, release.seq), release.file);
  }
  if (manifests.length === 0) throw new TonearmError('config.invalid', `there is no release in ${from}`);
  return manifests;
}

/** One file with all that a speaker needs, for one without a bridge: the offer and the map on the first line, then the bytes. */
export async function packRelease(folder: string, release: StoredRelease, path: string): Promise<void> {
  const roots = readRoots(folder);
  const { manifest } = checkRelease(release.file, roots);
  const { manifest: signed, stamp } = release.file;
  const offer: UpdateOffer = { format: 1, roots: [...roots], manifest: signed, stamp };
  const blocks = await readFile(blocksPath(folder, manifest.artifact.sha256), 'utf8');
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, 'w');
  try {
    const pack: UpdatePack = { format: 1, kind: 'update', offer, blocks };
    await file.writeFile(`${JSON.stringify(pack)}\n`);
    await file.writeFile(await readFile(artifactPath(folder, manifest.artifact.sha256)));
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** As a speaker does that knows the first root. @throws TonearmError `update.bad-signature`, `config.invalid` */
export function checkRelease(file: ReleaseFile, roots: readonly SignedText[]): VerifiedOffer {
  const [first, ...rest] = roots;
  if (first === undefined) throw new TonearmError('config.invalid', 'there is no root of trust');
  const root = readFirstRoot(ed25519Check, first);
  if (!root.ok) throw root.error;
  const offer: UpdateOffer = { format: 1, roots: rest, manifest: file.manifest, stamp: file.stamp };
  const verified = verifyOffer(ed25519Check, sha256Of, root.value, offer);
  if (!verified.ok) throw verified.error;
  return verified.value;
}

export function newestOfEach(releases: readonly StoredRelease[]): StoredRelease[] {
  return releases.filter(({ arch }, index) => releases.findIndex((other) => other.arch === arch) === index);
}

async function checkArtifact(folder: string, { artifact }: UpdateManifest): Promise<void> {
  const { sha256, blocksSha256 } = await mapArtifact(artifactPath(folder, artifact.sha256));
  if (sha256 === artifact.sha256 && blocksSha256 === artifact.blocksSha256) return;
  throw new TonearmError('update.corrupt', `the artifact in ${folder} is not the one that was signed`);
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`);
  await rename(`${to}.new`, to);
}
