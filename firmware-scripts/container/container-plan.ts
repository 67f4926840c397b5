/**
 * What is done to try `Dockerfile.arm` whole: which images it starts from, and the words that podman is told. Everything lies in
 * a store of its own, so that a stand-in for a public image never gets among a developer's images under that image's name.
 */
import path from 'node:path';
import { BuildFailure } from '#firmware/build/build-failure';
import { ARCH_NAMES, type FirmwareArch } from '#firmware/build/firmware-arch';

/** An image that a stage starts from, and on whose kind of machine that stage runs. */
export interface BaseImage {
  readonly name: string;
  readonly runsOn: 'builder' | 'target';
}

const STAGE = /^FROM (?:--platform=\$(\w+) )?(\S+)/gm;
/** As Docker names the kinds of machine: where nothing is said, it is the target's. */
const RUNS_ON: Readonly<Record<string, BaseImage['runsOn']>> = { BUILDPLATFORM: 'builder', TARGETPLATFORM: 'target' };

/** @returns those of all stages, in order @throws BuildFailure `build.base-corrupt` for a platform that is neither */
export function readBaseImages(dockerfile: string): readonly BaseImage[] {
  return [...dockerfile.matchAll(STAGE)].map(([line, platform = 'TARGETPLATFORM', name = '']) => {
    const runsOn = RUNS_ON[platform];
    if (runsOn === undefined) throw new BuildFailure('build.base-corrupt', `a stage for no machine known: ${line}`);
    return { name, runsOn };
  });
}

export interface ContainerPlan {
  readonly arch: FirmwareArch;
  /** Of the machine that builds. */
  readonly builder: FirmwareArch;
  /** The project's root: what is copied into the image. */
  readonly root: string;
  /** Folder for podman's images and containers. */
  readonly store: string;
}

export const IMAGE_NAME = 'localhost/tonearm-speaker';
/** Enough for a speaker; and where limits are lower than podman's own, that would not start at all. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];

const platform = (arch: FirmwareArch) => `linux/${ARCH_NAMES[arch].oci}`;

/** @returns the first words of every call: no systemd and no second version of control groups is needed */
export function podmanStore({ store }: Pick<ContainerPlan, 'store'>): readonly string[] {
  const folders = ['--root', path.join(store, 'images'), '--runroot', path.join(store, 'running')];
  return [...folders, '--cgroup-manager', 'cgroupfs', '--runtime', 'runc'];
}

/** Whom the machine trusts that builds, companies' own authorities too: a package registry may be behind one. */
export const TRUSTED_FILE = '/etc/ssl/certs/ca-certificates.crt';

/** @param tar a Debian with Node in it @returns how it becomes the image that a stage asks for */
export function importWords(plan: ContainerPlan, { name, runsOn }: BaseImage, tar: string): readonly string[] {
  const arch = runsOn === 'builder' ? plan.builder : plan.arch;
  const machine = ['--arch', ARCH_NAMES[arch].oci, '--os', 'linux'];
  const trust = runsOn === 'builder' ? ['--change', `ENV NODE_EXTRA_CA_CERTS=${TRUSTED_FILE}`] : [];
  return [...podmanStore(plan), 'import', ...machine, ...trust, tar, libraryName(name)];
}

/** @returns a name without a registry, as podman looks it up: Docker's own library */
function libraryName(name: string): string {
  return name.includes('/') ? name : `docker.io/library/${name}`;
}

/**
 * Each step in a changed root, which works where containers within containers do not. In Docker's format, since the other has no
 * health check. The platform of the builder is told, which podman 4 knows only so.
 */
export function buildWords(plan: ContainerPlan): readonly string[] {
  const how = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--layers=false'];
  const machines = ['--platform', platform(plan.arch), '--build-arg', `BUILDPLATFORM=${platform(plan.builder)}`];
  const file = [
    '--file',
    path.join(plan.root, 'Dockerfile.arm'),
    '--ignorefile',
    path.join(plan.root, '.dockerignore'),
  ];
  return [...podmanStore(plan), 'build', ...how, ...machines, ...file, '--tag', IMAGE_NAME, plan.root];
}

export interface ContainerRun {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** After the image's own words. */
  readonly args: readonly string[];
}

/** @returns how one is started in the foreground, in the machine's own network; it is gone when it ends */
export function runWords(plan: ContainerPlan, { name, env, args }: ContainerRun): readonly string[] {
  const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const own = ['--rm', '--name', name, '--platform', platform(plan.arch), '--network', 'host', ...LIMITS];
  return [
    ...podmanStore(plan),
    'run',
    ...own,
    '--volume',
    `${name}:/var/lib/tonearm`,
    ...settings,
    IMAGE_NAME,
    ...args,
  ];
}
