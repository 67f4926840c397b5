/**
 * What a board needs beyond Debian's main archive, as a folder that is laid over the image (`layers/README.md`). All of it is
 * optional; what else lies in the folder is for people.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';

const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const PACKAGES_MAX = 200;

export interface Layer {
  /** More packages of Debian. */
  readonly packages: readonly string[];
  /** Where packages come from, instead of where this machine's do. */
  readonly sources: string | null;
  /** Copied over the root; what is in its `boot/firmware` is on the boot partition. */
  readonly root: string | null;
  /** Run last, as root on the machine that builds, with the root's folder. */
  readonly finish: string | null;
}

export const NO_LAYER: Layer = { packages: [], sources: null, root: null, finish: null };

/** @throws TonearmError `input.invalid` where it is no layer */
export function readLayer(folder: string): Layer {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw invalid(`there is no folder ${folder}`);
  const part = (name: string) => (existsSync(path.join(folder, name)) ? path.resolve(folder, name) : null);
  const list = part('packages.txt');
  const layer = {
    packages: list === null ? [] : parsePackages(readFileSync(list, 'utf8')),
    sources: part('debian.sources'),
    root: part('root'),
    finish: part('finish'),
  };
  if (layer.root ?? layer.finish ?? layer.sources ?? list) return layer;
  throw invalid(`${folder} has none of root, finish, debian.sources and packages.txt`);
}

/** @param text names, one a line; `#` begins a remark @throws TonearmError `input.invalid` */
export function parsePackages(text: string): readonly string[] {
  const names = text.split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim());
  const wrong = names.findIndex((name) => name !== '' && !PACKAGE_NAME.test(name));
  if (wrong >= 0)
    throw invalid(`packages.txt, line ${wrong + 1}: ${JSON.stringify(names[wrong])} is no package's name`);
  const all = names.filter((name) => name !== '');
  if (all.length > PACKAGES_MAX) throw invalid(`packages.txt names more than ${PACKAGES_MAX} packages`);
  return all;
}

function invalid(words: string): TonearmError {
  return new TonearmError('input.invalid', `--layer: ${words}`, { field: 'layer' });
}
