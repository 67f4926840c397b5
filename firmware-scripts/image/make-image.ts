/**
 * Makes the image that a board starts from: a small Debian by mmdebstrap, kept, since it is made under emulation; the
 * speaker's package in it; what makes a speaker of it (`root/`); a board's layer; all divided by genimage. Nothing is
 * mounted, but programs of the board's kind are run in the root's folder, which only root may.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BuildFailure } from '#firmware/build/build-failure';
import { type BuildPlace, ROOT } from '#firmware/build/build-place';
import { runTool } from '#firmware/build/run-tool';
import { planDisk } from './disk-plan.ts';
import { allowForeignPrograms } from './foreign-programs.ts';
import {
  BOOT_TEXTS,
  DATA_FOLDERS,
  DPKG_OPTIONS,
  LINKS,
  MOUNT_POINTS,
  PACKAGES,
  SWITCHED_OFF,
  SWITCHED_ON,
} from './image-plan.ts';
import type { Layer } from './layer.ts';
import { makeDebian } from './make-debian.ts';

const OWN_FILES = path.join(ROOT, 'firmware-scripts', 'image', 'root');
/** Read when the kernel is installed, so laid down before it. */
const INITRAMFS = path.join(OWN_FILES, 'etc', 'initramfs-tools');
const INITRAMFS_FILES = ['conf.d/tonearm', 'hooks/tonearm', 'update-initramfs.conf'].map((name) =>
  path.join(INITRAMFS, name),
);
const BOOT = 'boot/firmware';
const UEFI_PROGRAM = 'usr/lib/systemd/boot/efi/systemd-bootaa64.efi';
/** Where UEFI looks on a disk that it does not know. */
const UEFI_PATH = 'EFI/BOOT/BOOTAA64.EFI';
const HASH_SHOWN = 12;
/** By its path: the PATH in there is its own. */
const CHROOT = '/usr/sbin/chroot';
const CHROOT_ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

export interface ImageOptions {
  /** The speaker's package. */
  readonly deb: string;
  readonly layer: Layer;
}

export interface MadeImage {
  readonly file: string;
  /** As it is written to a card. */
  readonly sizeBytes: number;
  /** Of them, those that hold something. */
  readonly usedBytes: number;
}

/** @returns where the image of a package is */
export function imageFile({ output }: BuildPlace, deb: string): string {
  return path.join(output, `${path.basename(deb, '.deb')}.img`);
}

/** @returns the steps, in words */
export function describeImage(place: BuildPlace, { deb, layer }: ImageOptions): readonly string[] {
  const base = baseFile(layer);
  return [
    `${existsSync(base) ? 'take' : 'make'} ${base}: ${[...PACKAGES, ...layer.packages].join(' ')}`,
    `install ${deb} in it, and lay ${OWN_FILES} over it`,
    ...[layer.root, layer.finish].filter((it) => it !== null).map((it) => `apply ${it}`),
    `divide it into ${imageFile(place, deb)}`,
  ];
}

/** @param say is told of each step @throws BuildFailure `build.tool-missing`, `build.tool-failed` */
export async function makeImage(
  place: BuildPlace,
  options: ImageOptions,
  say: (line: string) => void,
): Promise<MadeImage> {
  if (process.getuid?.() !== 0) {
    throw new BuildFailure('build.tool-failed', 'only root may run the programs of another root: use sudo');
  }
  allowForeignPrograms();
  const work = path.join(place.work, 'image');
  const root = path.join(work, 'root');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const base = baseFile(options.layer);
  if (!existsSync(base)) {
    say(`make ${base} (once; five minutes to half an hour where it is emulated)`);
    await makeBase(base, options.layer);
  }
  say(`lay out ${path.basename(base)}`);
  await runTool('tar', ['--extract', '--numeric-owner', '--file', base, '--directory', root]);
  say(`install ${path.basename(options.deb)}`);
  await installSpeaker(root, options.deb);
  layBoot(root);
  if (options.layer.root !== null) cpSync(options.layer.root, root, { recursive: true });
  if (options.layer.finish !== null) {
    say(`run ${options.layer.finish}`);
    await runTool(options.layer.finish, [root]);
  }
  const file = imageFile(place, options.deb);
  say(`divide it into ${path.basename(file)}`);
  await divide(work, root, file);
  rmSync(work, { recursive: true });
  const { size, blocks } = statSync(file);
  return { file, sizeBytes: size, usedBytes: blocks * 512 };
}

/** One for each list of packages. */
function baseFile({ packages, sources }: Layer): string {
  const texts = [...INITRAMFS_FILES, ...(sources === null ? [] : [sources])].map((file) => readFileSync(file, 'utf8'));
  const words = [...PACKAGES, ...DPKG_OPTIONS, ...packages, ...texts];
  const hash = createHash('sha256').update(words.join('\n')).digest('hex').slice(0, HASH_SHOWN);
  return path.join(ROOT, '.build', 'firmware', 'roots', `image-arm64-${hash}.tar`);
}

function makeBase(base: string, { packages, sources }: Layer): Promise<void> {
  return makeDebian(base, {
    arch: 'arm64',
    packages: [...PACKAGES, ...packages],
    sources,
    more: [
      ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
      '--aptopt=Apt::Install-Recommends "false"',
      // Ours of the initial RAM disk are there before the package that has others.
      '--dpkgopt=force-confold',
      `--essential-hook=copy-in ${INITRAMFS} /etc/`,
    ],
  });
}

async function installSpeaker(root: string, deb: string): Promise<void> {
  const within = (...words: readonly string[]) => runTool(CHROOT, [root, ...words], { env: CHROOT_ENV });
  copyFileSync(deb, path.join(root, 'speaker.deb'));
  await within('dpkg', '--install', '/speaker.deb');
  rmSync(path.join(root, 'speaker.deb'));
  await runTool('cp', ['--recursive', '--no-preserve=ownership,timestamps', `${OWN_FILES}/.`, root]);
  await within('systemctl', 'enable', ...SWITCHED_ON);
  await within('systemctl', 'mask', ...SWITCHED_OFF);
  for (const folder of MOUNT_POINTS) mkdirSync(path.join(root, folder), { recursive: true });
  for (const { name, mode } of DATA_FOLDERS) {
    mkdirSync(path.join(root, 'data', name), { recursive: true });
    chmodSync(path.join(root, 'data', name), mode);
  }
  for (const [at, target] of Object.entries(LINKS)) {
    rmSync(path.join(root, at), { recursive: true, force: true });
    symlinkSync(target, path.join(root, at));
  }
  writeFileSync(path.join(root, 'etc/hostname'), 'tonearm\n');
  writeFileSync(path.join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost ip6-localhost\n');
  // Empty, not missing: each start has a number of its own, and none is a first start in systemd's sense.
  writeFileSync(path.join(root, 'etc/machine-id'), '');
}

/** Kernel and what starts it, from the root to the boot partition. */
function layBoot(root: string): void {
  const boot = path.join(root, BOOT);
  for (const name of ['vmlinuz', 'initrd.img']) {
    const [found, ...more] = globSync(`${name}-*`, { cwd: path.join(root, 'boot') });
    if (found === undefined || more.length > 0) {
      throw new BuildFailure(
        'build.does-not-work',
        `boot: one ${name} is needed, there is ${[found, ...more].join(', ')}`,
      );
    }
    copyFileSync(path.join(root, 'boot', found), path.join(boot, name));
    rmSync(path.join(root, 'boot', found));
  }
  for (const [name, text] of Object.entries(BOOT_TEXTS)) {
    mkdirSync(path.dirname(path.join(boot, name)), { recursive: true });
    writeFileSync(path.join(boot, name), text);
  }
  mkdirSync(path.dirname(path.join(boot, UEFI_PATH)), { recursive: true });
  copyFileSync(path.join(root, UEFI_PROGRAM), path.join(boot, UEFI_PATH));
}

async function divide(work: string, root: string, file: string): Promise<void> {
  const config = path.join(work, 'genimage.cfg');
  const made = path.join(work, 'made');
  writeFileSync(config, planDisk(path.basename(file)));
  mkdirSync(made);
  await runTool('genimage', [
    ...['--config', config, '--rootpath', root, '--outputpath', made, '--inputpath', made],
    ...['--tmppath', path.join(work, 'genimage')],
  ]);
  mkdirSync(path.dirname(file), { recursive: true });
  renameSync(path.join(made, path.basename(file)), file);
}
