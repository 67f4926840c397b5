/**
 * `bundle.ts [speaker|bridge]... [--out DIR] [--code-only] [--dry-run]`: makes programs of few files that need no `node_modules`,
 * for the image of a speaker and for benchmarks. With `--dry-run` it prints what it would do; with `--code-only` it leaves what
 * is not code to its caller, and writes down in `PROGRAM.packages.json` of which packages the code is.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import {
  BUNDLE_BANNER,
  BUNDLE_MAIN,
  BUNDLE_PLANS,
  type BundlePlan,
  bundledPath,
  mainOf,
  relocateSource,
} from './bundle-plan.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

interface BundleOptions {
  readonly out: string;
  readonly isDryRun: boolean;
  readonly isCodeOnly: boolean;
}

async function main(names: readonly string[], { out, isDryRun, isCodeOnly }: BundleOptions): Promise<number> {
  const unknown = names.find((name) => !BUNDLE_PLANS.some(({ program }) => program === name));
  if (unknown !== undefined) {
    console.error(
      `there is no program ${JSON.stringify(unknown)}; there are ${BUNDLE_PLANS.map(({ program }) => program).join(', ')}`,
    );
    return EXIT_USAGE;
  }
  for (const plan of BUNDLE_PLANS.filter(({ program }) => names.length === 0 || names.includes(program))) {
    const missing = missingSources(plan);
    if (missing.length > 0) {
      console.error(`${plan.program}: there is no ${missing.join(', ')}`);
      return EXIT_FAILURE;
    }
    if (isDryRun) printPlan(plan, join(out, plan.program));
    else {
      const packages = await makeBundle(isCodeOnly ? { ...plan, assets: [] } : plan, join(out, plan.program));
      if (isCodeOnly) writeFileSync(join(out, `${plan.program}.packages.json`), `${JSON.stringify(packages)}\n`);
    }
  }
  return 0;
}

function missingSources(plan: BundlePlan): string[] {
  const needed = [...plan.entries, ...plan.assets.filter(({ isOptional }) => !isOptional).map(({ path }) => path)];
  return needed.filter((path) => !existsSync(join(ROOT, path)));
}

function printPlan(plan: BundlePlan, folder: string): void {
  console.log(`${plan.program}: would make ${folder}`);
  for (const entry of plan.entries) console.log(`  bundle ${entry} → ${bundledPath(entry)}`);
  for (const { path } of plan.assets)
    console.log(`  ${existsSync(join(ROOT, path)) ? 'copy' : 'leave out (not here)'} ${path}`);
}

/** @returns the packages that are in it, by their paths below the project's root, in the order of the alphabet */
async function makeBundle(plan: BundlePlan, folder: string): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [...plan.entries],
    outbase: ROOT,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Names stay as they are: were they kept beside shorter ones, each closure would be given its own again as it is made,
    // which the audio thread does many times a second.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    banner: { js: BUNDLE_BANNER },
    // Optional accelerators of ws, which are not among our packages.
    external: ['bufferutil', 'utf-8-validate'],
    plugins: [relocation],
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ type: 'module', private: true, version: projectVersion() })}\n`,
  );
  writeFileSync(join(folder, BUNDLE_MAIN), mainOf(plan));
  for (const { path } of plan.assets) {
    if (existsSync(join(ROOT, path)))
      cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: isShipped });
  }
  for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
    console.log(`${plan.program}: ${relative(folder, join(ROOT, path))} ${Math.round(bytes / 1024)} KiB`);
  }
  return packagesOf(Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
}

/** @param files from the project's root @returns `node_modules/a`, `node_modules/a/node_modules/@b/c` */
function packagesOf(files: readonly string[]): string[] {
  const found = files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? null);
  return [...new Set(found.filter((it) => it !== null))].sort();
}

/** Tests lie beside what they test; they stay at home. */
function isShipped(path: string): boolean {
  return !path.endsWith('.test.ts');
}

/** Our own files only: packages find their assets by their own means, and those we take have none. */
const relocation: Plugin = {
  name: 'relocation',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return undefined;
      const folder = relative(ROOT, dirname(path)).split(sep).join('/');
      return { contents: relocateSource(readFileSync(path, 'utf8'), folder), loader: 'ts' };
    });
  },
};

function projectVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(ROOT, '.build', 'bundle') },
    'dry-run': { type: 'boolean' },
    'code-only': { type: 'boolean' },
  },
});
process.exitCode = await main(positionals, {
  out: values.out,
  isDryRun: values['dry-run'] === true,
  isCodeOnly: values['code-only'] === true,
});
