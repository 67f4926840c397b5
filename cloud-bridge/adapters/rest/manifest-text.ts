/**
 * A manifest as JSON. Almost all of it is the segment tables, which are the same for everybody who plays the track: each
 * is written once for as long as its file is remembered, and a manifest is put together from them.
 */
import type { Manifest, ManifestFile } from '#protocol/wire/manifest';

const fileTexts = new WeakMap<ManifestFile, string>();

/** The same as `JSON.stringify` but for the order of the fields. */
export function manifestText({ files, ...rest }: Manifest): string {
  const others = JSON.stringify(rest);
  return `${others.slice(0, -1)},"files":[${files.map(fileText).join(',')}]}`;
}

function fileText(file: ManifestFile): string {
  const before = fileTexts.get(file);
  if (before !== undefined) return before;
  const text = JSON.stringify(file);
  fileTexts.set(file, text);
  return text;
}
