/** Runs the programs that a build is made with; one that is missing or fails stops the build by name. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { BuildFailure } from './build-failure.ts';

/** Program → Debian package that has it. */
const PACKAGES: Readonly<Record<string, string>> = {
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'x86_64-linux-gnu-gcc': 'gcc-x86-64-linux-gnu',
  'x86_64-linux-gnu-g++': 'g++-x86-64-linux-gnu',
  'x86_64-linux-gnu-strip': 'binutils',
  'dpkg-deb': 'dpkg',
  lintian: 'lintian',
  mmdebstrap: 'mmdebstrap',
  genimage: 'genimage dosfstools mtools e2fsprogs',
  podman: 'podman',
  runc: 'runc',
  'qemu-aarch64-static': 'qemu-user-static',
  gzip: 'gzip',
};
/** Of what a program said, the end: it is there that it says what was wrong. */
const WORDS_LENGTH_MAX = 4_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** @returns what it printed @throws BuildFailure `build.tool-missing`, `build.tool-failed` */
export async function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { ...options, maxBuffer: OUTPUT_BYTES_MAX });
    return stdout;
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) throw missing(program);
    const words = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : String(thrown);
    throw new BuildFailure('build.tool-failed', `${program} failed: ${words.trim().slice(-WORDS_LENGTH_MAX)}`);
  }
}

/** @returns the first of these programs that is there @throws BuildFailure `build.tool-missing` */
export function findTool(...candidates: readonly [string, ...string[]]): string {
  const found = candidates.find(isThere);
  if (found === undefined) throw missing(candidates[0]);
  return found;
}

/** Whether a program can be started. */
export function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function missing(program: string): BuildFailure {
  const hint = PACKAGES[program];
  const how = hint === undefined ? '' : `: apt-get install --no-install-recommends ${hint}`;
  return new BuildFailure('build.tool-missing', `${program} is not installed${how}`);
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
