/**
 * `try-package.ts DEB arm64|amd64 [--root TAR]`: installs the package in a clean Debian, starts it as its service would, upgrades,
 * removes and purges it, and says what it found after each step. By hand, as root: emulated it takes minutes.
 *
 * systemd itself does not run in there; what the unit would start is started in its place, with the unit's own environment, as
 * a user who owns nothing but the speaker's folders.
 */
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ChildProgram } from '#sim/processes/child-program';
import { type DebianArch, layCleanRoot, run } from './clean-root.ts';
import { must } from './must.ts';
import { OpenHouse } from './open-house.ts';

const PACKAGE = 'tonearm-speaker';
const STATE = '/var/lib/tonearm-speaker';
const CACHE = '/var/cache/tonearm-speaker';
const CONFIGURATION = '/etc/tonearm/speaker.env';
const ENABLED = '/etc/systemd/system/multi-user.target.wants/tonearm-speaker.service';
const UNIT = '/usr/lib/systemd/system/tonearm-speaker.service';
/** A user and a group that own nothing there. */
const NOBODY = 61_184;
/** By its path: what it starts has a PATH of its own, without it. */
const CHROOT = '/usr/sbin/chroot';
const READY_WITHIN_MS = 180_000;
const EDIT = 'TONEARM_NAME=Edited\n';
const KEPT = `${STATE}/kept-by-the-test`;

interface Trial {
  readonly root: string;
  readonly house: OpenHouse;
}

const inRoot = ({ root }: Trial, file: string) => path.join(root, file);

function within(trial: Trial, ...words: readonly string[]): string {
  return run(CHROOT, [trial.root, ...words], {
    DEBIAN_FRONTEND: 'noninteractive',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  });
}

/** Its settings of the environment, the system's folders put in. */
function unitEnvironment(trial: Trial): Record<string, string> {
  const unit = readFileSync(inRoot(trial, UNIT), 'utf8');
  const settings = [...unit.matchAll(/^Environment=([A-Z_]+)=(\S+)$/gm)];
  return Object.fromEntries(
    settings.map(([, name = '', value = '']) => [name, value.replace('%C', '/var/cache').replace('%S', '/var/lib')]),
  );
}

async function startOnce(trial: Trial, title: string): Promise<void> {
  for (const folder of [STATE, CACHE]) {
    mkdirSync(inRoot(trial, folder), { recursive: true });
    chownSync(inRoot(trial, folder), NOBODY, NOBODY);
  }
  const env = {
    ...unitEnvironment(trial),
    STATE_DIRECTORY: STATE,
    PATH: '/usr/bin:/bin',
    TONEARM_BRIDGE: trial.house.address,
  };
  const as = [`--userspec=${NOBODY}:${NOBODY}`, trial.root];
  run(CHROOT, [...as, '/usr/lib/tonearm/slot-select'], env);
  const begun = performance.now();
  // As a user of the moment is started: without a home, and with no name by which one could be found.
  const words = [
    'env',
    '-u',
    'HOME',
    '/usr/lib/tonearm/slot-start',
    'speaker',
    '--data',
    STATE,
    '--sink',
    'virtual',
    '--no-mdns',
  ];
  const speaker = new ChildProgram('speaker', CHROOT, [...as, ...words], { env });
  const { id, name } = await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS);
  await trial.house.sees(String(id));
  console.log(
    `  ${title}: "${name}" is seen by its bridge ${Math.round(performance.now() - begun)} ms after its start`,
  );
  await speaker.stop();
  must(speaker.exitCode === 0, 'it ends as asked');
  must(existsSync(inRoot(trial, `${CACHE}/pkg`)), 'its addons lie in its cache folder');
}

async function tryPackage(trial: Trial, deb: string, newer: string): Promise<void> {
  console.log('install');
  const installed = performance.now();
  within(trial, 'dpkg', '--install', deb);
  console.log(`  took ${Math.round((performance.now() - installed) / 1_000)} s`);
  must(isEnabled(trial), 'its service is enabled');
  const report = JSON.parse(within(trial, 'tonearm', '--self-test'));
  must(report.isWorking === true, `its self-test holds: ${report.checks.length} checks on ${report.arch}`);
  await startOnce(trial, 'installed');

  console.log('upgrade');
  appendFileSync(inRoot(trial, CONFIGURATION), EDIT);
  writeFileSync(inRoot(trial, KEPT), 'kept');
  // As `systemctl disable` does, which finds no systemd in there.
  rmSync(inRoot(trial, ENABLED));
  within(trial, 'dpkg', '--install', newer);
  must(readFileSync(inRoot(trial, CONFIGURATION), 'utf8').endsWith(EDIT), 'what was edited is as it was edited');
  must(existsSync(inRoot(trial, KEPT)), 'its folder is as it was');
  must(!isEnabled(trial), 'its service stays disabled, since somebody disabled it');
  await startOnce(trial, 'upgraded');

  console.log('remove');
  within(trial, 'dpkg', '--remove', PACKAGE);
  must(existsSync(inRoot(trial, CONFIGURATION)) && existsSync(inRoot(trial, KEPT)), 'settings and folder stay');
  must(!existsSync(inRoot(trial, '/usr/lib/tonearm')), 'its programs are gone');

  console.log('purge');
  within(trial, 'dpkg', '--purge', PACKAGE);
  const left = run('find', [trial.root, '-xdev', '-name', '*tonearm*', '-not', '-path', '*/dpkg/*']).trim();
  must(left.replaceAll(/\S*\/root\/\S+\s*/g, '') === '', `nothing of it is left${left === '' ? '' : ` (${left})`}`);
}

/** A link to what is elsewhere in here, so that it is looked for and not followed. */
function isEnabled(trial: Trial): boolean {
  return lstatSync(inRoot(trial, ENABLED), { throwIfNoEntry: false }) !== undefined;
}

/** The same package under a higher version; not packed tightly, since nobody keeps it. */
function raiseVersion(deb: string, folder: string): string {
  const tree = path.join(folder, 'newer');
  run('dpkg-deb', ['--raw-extract', deb, tree]);
  const control = path.join(tree, 'DEBIAN', 'control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: (.*)$/m, 'Version: $1+1'));
  run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, `${tree}.deb`]);
  rmSync(tree, { recursive: true });
  return `${tree}.deb`;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
const [deb = '', arch] = positionals;
if (arch !== 'arm64' && arch !== 'amd64') throw new Error('usage: try-package.ts DEB arm64|amd64 [--root TAR]');
const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-try-package-'));
const kept = path.join(
  import.meta.dirname,
  '..',
  '..',
  '.build',
  'firmware',
  'roots',
  `${arch satisfies DebianArch}.tar`,
);
const root = path.join(folder, 'debian');
const house = await OpenHouse.open(folder, null);
try {
  await layCleanRoot(root, arch, values.root ?? kept);
  // In root's own folder there, which is no place of the package.
  const [first, second] = [path.join('/root', 'first.deb'), path.join('/root', 'second.deb')];
  copyFileSync(deb, path.join(root, first));
  copyFileSync(raiseVersion(deb, folder), path.join(root, second));
  await tryPackage({ root, house }, first, second);
  console.log('all as it should be');
} finally {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
}
