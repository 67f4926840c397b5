/** The picture of a music file: its own front cover, another of its own, else one of its folder's; made small. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { IAudioMetadata } from 'music-metadata';
import type { PictureSizer } from '#bridge/core/ports/picture-sizer';
import { PICTURE_BYTES_MAX, type Picture } from '#bridge/core/ports/source-inspector';
import { pictureMediaType } from '#bridge/core/services/content/picture-media-type';

const FOLDER_PICTURES = ['cover', 'folder', 'front', 'album'];
/** Pictures tried of one file. */
const TRIED_MAX = 8;

export interface SourcePicture {
  readonly picture: Picture | null;
  /** Why one that was there was left out. */
  readonly problem: string | null;
}

export async function sourcePicture(
  sizer: PictureSizer,
  path: string,
  metadata: IAudioMetadata | null,
): Promise<SourcePicture> {
  let problem: string | null = null;
  let tried = 0;
  for await (const { name, bytes } of candidates(path, metadata)) {
    if (tried >= TRIED_MAX) break;
    tried += 1;
    if (bytes.length > PICTURE_BYTES_MAX) {
      problem = `${name} is larger than ${PICTURE_BYTES_MAX} bytes`;
    } else if (pictureMediaType(bytes) === null) {
      problem = `${name} is of no kind that is shown`;
    } else {
      const fitted = await sizer.fit(bytes);
      if (fitted.ok) return { picture: { key: keyOf(fitted.value), bytes: fitted.value }, problem };
      problem = `${name} ${fitted.error.message}`;
    }
  }
  return { picture: null, problem };
}

interface Candidate {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function* candidates(path: string, metadata: IAudioMetadata | null): AsyncGenerator<Candidate> {
  const own = metadata?.common.picture ?? [];
  const isFront = (type: string | undefined): boolean => /front/i.test(type ?? '');
  const inOrder = [...own.filter(({ type }) => isFront(type)), ...own.filter(({ type }) => !isFront(type))];
  for (const { data } of inOrder) yield { name: 'its own picture', bytes: data };
  const folder = dirname(path);
  for (const name of await folderPictures(folder)) {
    const full = join(folder, name);
    const facts = await stat(full).catch(() => null);
    if (facts?.isFile() !== true || facts.size > PICTURE_BYTES_MAX) continue;
    yield { name, bytes: await readFile(full) };
  }
}

async function folderPictures(folder: string): Promise<readonly string[]> {
  const rank = (name: string): number => {
    const stem = basename(name).replace(/\.[^.]*$/, '');
    return FOLDER_PICTURES.indexOf(stem.toLowerCase());
  };
  const names = (await readdir(folder)).filter((name) => rank(name) >= 0 && /\.(jpe?g|png|webp)$/i.test(name));
  return names.sort((one, other) => rank(one) - rank(other));
}

function keyOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
