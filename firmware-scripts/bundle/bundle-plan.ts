/**
 * What goes into a bundle. A bundle keeps the folders of the source, so that a path that a file makes relative to itself leads to the
 * same asset in both; only the number of files shrinks, from some two thousand to a handful. Starting is faster and memory smaller.
 */

export interface BundlePlan {
  readonly program: 'speaker' | 'bridge';
  /** Entry files from the project's root: the program, then its worker threads. */
  readonly entries: readonly [string, ...string[]];
  readonly assets: readonly BundleAsset[];
}

/** A file or folder that is copied to the same place below the bundle's root. */
export interface BundleAsset {
  readonly path: string;
  /** Optional ones are made or installed on some machines only; the program has a fallback. */
  readonly isOptional: boolean;
}

/** The native Opus binding: only the part that is loaded. */
const NATIVE_OPUS: readonly BundleAsset[] = [
  { path: 'node_modules/@discordjs/opus/prebuild', isOptional: true },
  { path: 'node_modules/@discordjs/opus/package.json', isOptional: true },
];

/** Packages that are loaded by name when they are needed and not before, with the WebAssembly beside them. */
const LAZY_PACKAGES: readonly BundleAsset[] = [
  { path: 'node_modules/opusscript', isOptional: false },
  { path: 'node_modules/@humansignal/audio-file-decoder', isOptional: true },
];

export const BUNDLE_PLANS: readonly BundlePlan[] = [
  {
    program: 'speaker',
    entries: ['device/app/main.ts', 'device/app/audio-worker.ts', 'device/app/speaker-worker.ts'],
    assets: [{ path: '.build/addons', isOptional: true }, ...NATIVE_OPUS],
  },
  {
    program: 'bridge',
    entries: ['cloud-bridge/app/main.ts', 'cloud-bridge/app/content-worker.ts'],
    assets: [{ path: 'cloud-bridge/phone/web', isOptional: false }, ...NATIVE_OPUS, ...LAZY_PACKAGES],
  },
];

/** @returns where an entry is in a bundle: `device/app/main.ts` → `device/app/main.js` */
export function bundledPath(entry: string): string {
  return entry.replace(/\.ts$/, '.js');
}

/** What is started, at the root of every bundle. */
export const BUNDLE_MAIN = 'main.js';

/** @returns the text of that file: the first entry, from wherever it lies */
export function mainOf(plan: BundlePlan): string {
  return `import './${bundledPath(plan.entries[0])}';\n`;
}

/** Entries lie this deep below the root of a bundle; the way back up is in each of them. */
const ENTRY_DEPTH = 2;

/** At the start of each bundled file: `require` for packages that still use it, and the way from a source folder to its place in here. */
export const BUNDLE_BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { join as __join } from 'node:path';",
  'const require = __createRequire(import.meta.url);',
  `const __sourceFolder = (folder) => __join(import.meta.dirname, ${"'..', ".repeat(ENTRY_DEPTH)}folder);`,
].join('\n');

/**
 * Makes a source file say the same from inside a bundle.
 * @param folder of the file, from the project's root
 */
export function relocateSource(text: string, folder: string): string {
  return text
    .replaceAll('import.meta.dirname', `__sourceFolder(${JSON.stringify(folder)})`)
    .replace(/(?<!\bfrom )(['"])([\w./-]*-worker)\.ts\1/g, '$1$2.js$1');
}
