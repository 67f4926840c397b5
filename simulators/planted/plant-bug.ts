/** A copy of the source with one bug in it, in a folder of its own; the packages are those of the original. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { PlantedBug } from './planted-bugs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What a simulated world is made of. */
const COPIED = ['protocol', 'device', 'cloud-bridge', 'simulators', 'package.json'] as const;
const LEFT_OUT = new Set(['node_modules', '.build', '.tonearm']);

/** @throws TonearmError `input.invalid` when the old text does not stand in the text exactly once */
export function patchText(text: string, { name, file, oldText, newText }: PlantedBug): string {
  const [before, after, ...more] = text.split(oldText);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = text.split(oldText).length - 1;
    throw new TonearmError('input.invalid', `${name}: its text stands in ${file} ${times} times, and not once`);
  }
  return `${before}${newText}${after}`;
}

/** @returns of the file of the bug, as it is in this source */
export function readPatched(bug: PlantedBug): Promise<string> {
  return readFile(join(ROOT, bug.file), 'utf8').then((text) => patchText(text, bug));
}

/** @returns the folder, and how to be rid of it */
export async function plantBug(bug: PlantedBug): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const patched = await readPatched(bug);
  const folder = await mkdtemp(join(tmpdir(), `tonearm-planted-${bug.name}-`));
  const filter = (path: string): boolean => !LEFT_OUT.has(basename(path)) && !path.endsWith('.test.ts');
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true, filter });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, bug.file), patched);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
