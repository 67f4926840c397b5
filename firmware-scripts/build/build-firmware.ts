/**
 * From source to one binary: bundles, addons, base, list of software, and the checks that all of it must pass. The steps are a
 * list, so that what would be done can be printed without doing it.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type BaseNode, prepareBaseNode } from './base-node.ts';
import { buildOpus } from './build-opus.ts';
import { BINARY_NAME, type BuildPlace, ROOT, SOFTWARE_FILE, VERSION_FILE } from './build-place.ts';
import { BINARY_BYTES_MAX, checkElf, checkHostPaths, checkSize } from './check-output.ts';
import { toolsFor } from './firmware-arch.ts';
import { readLockedPackages } from './locked-packages.ts';
import { findTool, runTool } from './run-tool.ts';
import { makeSingleFile } from './single-file.ts';
import { listSoftware } from './software-list.ts';

/** What the folder is called inside of the binary. */
const BUNDLE = 'speaker';
/** Nothing that is built by hand is a release; publishing gives a number. */
const NO_RELEASE = 0;

export interface BuildOptions {
  /** Whether addons are compiled anew although nothing changed. */
  readonly isFresh: boolean;
}

/** What was made. */
export interface BuiltFirmware {
  readonly binary: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

interface Step {
  /** For people, in a dry run and while it runs. */
  readonly title: string;
  run(): Promise<void>;
}

/** @param say where the steps are told as they begin @throws BuildFailure of any kind */
export async function buildFirmware(
  place: BuildPlace,
  options: BuildOptions,
  say: (line: string) => void,
): Promise<BuiltFirmware> {
  for (const { title, run } of planBuild(place, options)) {
    say(title);
    await run();
  }
  return readBuilt(place);
}

/** @returns what a build would do, one line a step */
export function describeBuild(place: BuildPlace, options: BuildOptions): readonly string[] {
  return planBuild(place, options).map(({ title }) => title);
}

function planBuild(place: BuildPlace, { isFresh }: BuildOptions): readonly Step[] {
  const { arch, output, work } = place;
  const bundle = path.join(work, BUNDLE);
  const addons = isFresh ? path.join(work, 'addons') : path.join(ROOT, '.build', 'firmware', 'addons');
  const addonFolder = path.join(addons, `linux-${arch}`);
  const version = projectVersion();
  let base: BaseNode;
  return [
    {
      title: `bundle the speaker into ${bundle}`,
      run: async () => {
        mkdirSync(output, { recursive: true });
        const script = path.join(ROOT, 'firmware-scripts', 'bundle', 'bundle.ts');
        await runTool(process.execPath, [script, 'speaker', '--code-only', '--out', work]);
      },
    },
    {
      title: `compile our addons for ${arch} into ${addonFolder}`,
      run: async () => {
        findTool(...toolsFor(arch, 'gcc'));
        const script = path.join(ROOT, 'firmware-scripts', 'bundle', 'build-addons.ts');
        const force = isFresh ? ['--force'] : [];
        await runTool(process.execPath, [script, '--arch', arch, '--out', addons, ...force]);
      },
    },
    {
      title: `compile libopus for ${arch}`,
      run: async () => {
        const target = path.join(addonFolder, 'opus.node');
        if (isFresh) rmSync(target, { force: true });
        await buildOpus(arch, target);
      },
    },
    {
      title: 'strip the addons, and check each',
      run: () => layAddons(place, addonFolder, path.join(bundle, '.build', 'addons', `linux-${arch}`)),
    },
    {
      title: `take Node for ${arch} from its npm package, stripped, in English alone`,
      run: async () => {
        base = await prepareBaseNode(place);
      },
    },
    {
      title: `make ${path.join(output, BINARY_NAME)} of them`,
      run: async () => {
        const target = path.join(output, BINARY_NAME);
        await makeSingleFile({ arch, base, folder: bundle, version, home: path.join(work, 'pkg'), target });
      },
    },
    {
      title: 'check the binary: ELF, glibc and libstdc++, paths of this machine, size',
      run: async () => checkBinary(place, base),
    },
    {
      title: `write ${VERSION_FILE} and the list of software`,
      run: async () => writePapers(place, version),
    },
  ];
}

async function layAddons({ arch }: BuildPlace, from: string, to: string): Promise<void> {
  const strip = findTool(...toolsFor(arch, 'strip'));
  mkdirSync(to, { recursive: true });
  // node-speaker's is not among them: it is built by hand, for one machine.
  for (const name of readdirSync(from).filter((it) => it.endsWith('.node') && it !== 'speaker.node')) {
    const target = path.join(to, name);
    copyFileSync(path.join(from, name), target);
    await runTool(strip, ['--strip-unneeded', target]);
    checkElf({ name, bytes: readFileSync(target), arch, kind: 'shared' });
  }
}

function checkBinary({ arch, output, work }: BuildPlace, base: BaseNode): void {
  const bytes = readFileSync(path.join(output, BINARY_NAME));
  checkElf({ name: BINARY_NAME, bytes, arch, kind: 'fixed' });
  checkSize(BINARY_NAME, bytes.length, BINARY_BYTES_MAX[arch]);
  const own = [ROOT, work, homedir()].filter((it) => it.length > 1).map((it) => `${it}${path.sep}`);
  checkHostPaths(BINARY_NAME, bytes, readFileSync(base.path), own);
}

/** One field a line, in this order: what starts a slot reads it without a parser. */
function writePapers({ arch, output, work }: BuildPlace, version: string): void {
  const file = path.join(output, BINARY_NAME);
  const paper = {
    format: 1,
    version,
    seq: NO_RELEASE,
    arch,
    sizeBytes: statSync(file).size,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  };
  writeFileSync(path.join(output, VERSION_FILE), `${JSON.stringify(paper, null, 2)}\n`);
  const bundled: string[] = JSON.parse(readFileSync(path.join(work, `${BUNDLE}.packages.json`), 'utf8'));
  const nodePackage = `node_modules/node-linux-${arch}`;
  const list = listSoftware(readLockedPackages(ROOT), { version, arch, nodePackage, bundled });
  writeFileSync(path.join(output, SOFTWARE_FILE), list);
}

/** @returns what an earlier build made @throws Error when there is none */
export function readBuilt({ output }: BuildPlace): BuiltFirmware {
  const { version, sizeBytes, sha256 } = JSON.parse(readFileSync(path.join(output, VERSION_FILE), 'utf8'));
  return { binary: path.join(output, BINARY_NAME), version, sizeBytes, sha256 };
}

function projectVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return version;
}
