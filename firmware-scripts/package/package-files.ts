/**
 * What the Debian package puts where: a list, pure but for the texts that it is given. The package has the version that a
 * speaker starts with and all that must work when an update does not (`firmware-scripts/ota/README.md`).
 */
import { gzipSync } from 'node:zlib';
import { type Completions, completionsOf } from './completions.ts';

export const PACKAGE_NAME = 'tonearm-speaker';
/** The file that a machine's owner edits; an upgrade asks before it replaces what was edited. */
export const CONFIGURATION = '/etc/tonearm/speaker.env';
const UNIT = 'tonearm-speaker.service';
const LIBRARY = '/usr/lib/tonearm';
const DOCUMENTS = `/usr/share/doc/${PACKAGE_NAME}`;

/** A file of the package. */
export interface PackageFile {
  /** Where it lies, from the root. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** What is in it, or the file that it is copied from. */
  readonly content: { readonly text: string } | { readonly bytes: Uint8Array } | { readonly from: string };
}

/** What it is made of. */
export interface PackageParts {
  /** Paths of the binary, of what it says of its version, and of the list of software in it. */
  readonly binary: string;
  readonly versionFile: string;
  readonly softwareFile: string;
  /** Whose updates are taken; null: none are, until somebody puts a file there. */
  readonly keysFile: string | null;
  readonly nodeLicense: string;
  /** What `tonearm speaker --help` says. */
  readonly help: string;
  /** Text of a file of the project. */
  readonly textOf: (path: string) => string;
  readonly copyright: string;
  readonly changelog: string;
}

/** @returns in the order of their paths */
export function planFiles(parts: PackageParts): readonly PackageFile[] {
  const { textOf, help } = parts;
  const own = (name: string) => textOf(`firmware-scripts/package/debian/${name}`);
  const completions: Completions = completionsOf(help);
  const text = (path: string, content: string): PackageFile => ({ path, mode: 0o644, content: { text: content } });
  const script = (path: string, content: string): PackageFile => ({ path, mode: 0o755, content: { text: content } });
  const packed = (path: string, content: string | Uint8Array): PackageFile => ({
    path: `${path}.gz`,
    mode: 0o644,
    content: { bytes: gzipSync(content, { level: 9 }) },
  });
  const files: PackageFile[] = [
    { path: `${LIBRARY}/factory/tonearm`, mode: 0o755, content: { from: parts.binary } },
    { path: `${LIBRARY}/factory/version.json`, mode: 0o644, content: { from: parts.versionFile } },
    script(`${LIBRARY}/slot-select`, textOf('firmware-scripts/ota/slot-select')),
    script(`${LIBRARY}/slot-start`, textOf('firmware-scripts/ota/slot-start')),
    script('/usr/bin/tonearm', own('tonearm')),
    text(`/usr/lib/systemd/system/${UNIT}`, textOf(`firmware-scripts/systemd/${UNIT}`)),
    text(CONFIGURATION, own('speaker.env')),
    packed('/usr/share/man/man8/tonearm-speaker.8', textOf('docs/man/tonearm-speaker.8')),
    packed('/usr/share/man/man1/tonearm.1', '.so man8/tonearm-speaker.8\n'),
    text('/usr/share/bash-completion/completions/tonearm', completions.bash),
    text('/usr/share/zsh/vendor-completions/_tonearm', completions.zsh),
    text('/usr/share/fish/vendor_completions.d/tonearm.fish', completions.fish),
    text(`${DOCUMENTS}/copyright`, parts.copyright),
    packed(`${DOCUMENTS}/changelog`, parts.changelog),
    packed(`${DOCUMENTS}/node-licenses.txt`, textOf(parts.nodeLicense)),
    { path: `${DOCUMENTS}/software.cdx.json`, mode: 0o644, content: { from: parts.softwareFile } },
    text(`/usr/share/lintian/overrides/${PACKAGE_NAME}`, own('lintian-overrides')),
  ];
  if (parts.keysFile !== null) {
    files.push({ path: `${LIBRARY}/keys.json`, mode: 0o644, content: { from: parts.keysFile } });
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}
