/**
 * `try-container.ts ARCH [--keep] [--dry-run]`: builds `Dockerfile.arm`, starts what comes of it in the machine's own network, and looks whether it
 * is what it should be: nobody's root, healthy, announced, seen by a bridge, playing. By hand, as root: emulated it takes minutes.
 *
 * The images that its stages start from are stand-ins (see `stand-in-images.ts`), in a store of their own, which is thrown away.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prepareBaseNode } from '#firmware/build/base-node';
import { placeFor, ROOT } from '#firmware/build/build-place';
import { parseArch } from '#firmware/build/firmware-arch';
import { findTool } from '#firmware/build/run-tool';
import {
  type BaseImage,
  buildWords,
  type ContainerPlan,
  IMAGE_NAME,
  importWords,
  podmanStore,
  readBaseImages,
  runWords,
} from '#firmware/container/container-plan';
import { allowForeignPrograms } from '#firmware/image/foreign-programs';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';
import { memoryOfTree } from '#sim/bench/process-memory';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';
import { run } from './clean-root.ts';
import { must } from './must.ts';
import { OpenHouse } from './open-house.ts';
import { readRecording } from './recorded-sound.ts';
import { makeStandIn } from './stand-in-images.ts';

const READY_WITHIN_MS = 180_000;
const BUILT_WITHIN_MS = 1_800_000;
const ANNOUNCED_WITHIN_MS = 30_000;
const HEALTHY_WITHIN_MS = 60_000;
const PLAY_MS = 15_000;
const FRAMES_PER_SECOND = 48_000;
/** Of what is played, that must be heard: not its first and last moments. */
const HEARD_SECONDS_MIN = 10;
const RECORDING = '/var/lib/tonearm/heard.wav';
/** There is no systemd to look after the health of containers; it is asked for here. */
const PODMAN_ENV = { DISABLE_HC_SYSTEMD: 'true' };

type Figures = Record<string, number | string>;

const secondsSince = (begunMs: number) => Math.round((performance.now() - begunMs) / 100) / 10;

function podman(plan: ContainerPlan, ...words: readonly string[]): string {
  return run('podman', [...podmanStore(plan), ...words], PODMAN_ENV).trim();
}

function tarOf(plan: ContainerPlan, { runsOn }: BaseImage): string {
  const name = runsOn === 'builder' ? `full-${plan.builder}` : `slim-${plan.arch}`;
  return path.join(ROOT, '.build', 'firmware', 'roots', `node-${process.versions.node}-${name}.tar`);
}

async function layBases(plan: ContainerPlan): Promise<void> {
  for (const base of readBases()) {
    const isFull = base.runsOn === 'builder';
    const arch = isFull ? plan.builder : plan.arch;
    const { path: node } = await prepareBaseNode(placeFor(arch));
    const tar = tarOf(plan, base);
    console.log(`base: ${base.name} for ${arch}, as ${tar}`);
    await makeStandIn({ arch, isFull, node }, tar);
    run('podman', importWords(plan, base, tar));
  }
}

async function build(plan: ContainerPlan, figures: Figures): Promise<void> {
  console.log('build');
  const begun = performance.now();
  const building = new ChildProgram('podman', 'podman', buildWords(plan));
  const code = await building.waitForExit(BUILT_WITHIN_MS);
  if (code !== 0) throw new Error(`the build ended with ${code}\n${building.output()}`);
  const [image] = JSON.parse(podman(plan, 'image', 'inspect', IMAGE_NAME));
  figures['buildSeconds'] = secondsSince(begun);
  figures['imageMb'] = Math.round(image.Size / 1e6);
  figures['architecture'] = image.Architecture;
  must(image.Config.User === 'tonearm', 'it is nobody’s root');
  must(image.HealthCheck !== undefined || image.Healthcheck !== undefined, 'its health can be asked for');
  const { checks, ...test } = JSON.parse(
    run('podman', runWords(plan, { name: 'self-test', env: {}, args: ['--self-test'] })),
  );
  must(
    test.isWorking === true,
    `its self-test holds on ${test.arch}: ${checks.map((it: { name: string }) => it.name).join(', ')}`,
  );
}

/** Resolves when somebody outside of it has heard of this speaker. */
async function isAnnounced(id: string): Promise<void> {
  const clock = createSystemClock();
  const discovery = createBonjourDiscovery(clock, silentLogger);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => reject(new Error('not so: it is announced')), ANNOUNCED_WITHIN_MS);
  discovery.browse(SPEAKER_SERVICE_TYPE, { found: ({ txt }) => txt['id'] === id && resolve(), lost: () => {} });
  await promise.finally(() => {
    clearTimeout(late);
    return discovery.close();
  });
}

/** As whoever keeps containers does it: again and again until it is well. @returns what one look takes, in seconds */
function waitForHealth(plan: ContainerPlan, name: string): number {
  const begun = performance.now();
  for (;;) {
    try {
      const asked = performance.now();
      podman(plan, 'healthcheck', 'run', name);
      return secondsSince(asked);
    } catch (thrown) {
      if (performance.now() - begun > HEALTHY_WITHIN_MS) throw thrown;
    }
  }
}

const speakerWords = (name: string) => ['--name', name, '--sink', `file:${RECORDING}`, '--sample-bits', '24'];

async function startAndPlay(plan: ContainerPlan, house: OpenHouse, figures: Figures): Promise<void> {
  console.log('run');
  const name = `tonearm-${randomBytes(4).toString('hex')}`;
  const env = { TONEARM_BRIDGE: house.address, TONEARM_LAN_PORT: String(await freePort()) };
  const begun = performance.now();
  const speaker = new ChildProgram('container', 'podman', runWords(plan, { name, env, args: speakerWords(name) }), {
    env: PODMAN_ENV,
  });
  try {
    const id = String((await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS))['id']);
    figures['readySeconds'] = secondsSince(begun);
    await house.sees(id);
    figures['seenSeconds'] = secondsSince(begun);
    console.log(`  its bridge sees it ${figures['seenSeconds']} s after its start`);
    figures['lookSeconds'] = waitForHealth(plan, name);
    figures['healthySeconds'] = secondsSince(begun);
    console.log(`  it is healthy after ${figures['healthySeconds']} s`);
    await isAnnounced(id);
    console.log('  it is announced to the network');
    must(podman(plan, 'exec', name, 'id', '-u') !== '0', 'it does not run as root');
    const asked = performance.now();
    await house.play(id, PLAY_MS);
    figures['playedSeconds'] = secondsSince(asked);
    const pid = Number(podman(plan, 'inspect', '--format', '{{.State.Pid}}', name));
    figures['residentMb'] = Math.round((await memoryOfTree(pid)).rssMb);
  } finally {
    await speaker.stop();
  }
  must(speaker.exitCode === 0, 'it ends as asked');
  const folder = podman(plan, 'volume', 'inspect', '--format', '{{.Mountpoint}}', name);
  const samples = readRecording(readFileSync(path.join(folder, path.basename(RECORDING))));
  const heardSeconds = Math.round(samples.length / 2 / FRAMES_PER_SECOND);
  figures['heardSeconds'] = heardSeconds;
  must(heardSeconds >= HEARD_SECONDS_MIN, `${heardSeconds} s of sound were heard`);
}

const readBases = () => readBaseImages(readFileSync(path.join(ROOT, 'Dockerfile.arm'), 'utf8'));

function describe(plan: ContainerPlan): void {
  for (const base of readBases()) {
    const tar = tarOf(plan, base);
    console.log(`would make ${tar}, once`);
    console.log(`would run podman ${importWords(plan, base, tar).join(' ')}`);
  }
  console.log(`would run podman ${buildWords(plan).join(' ')}`);
  console.log(
    `would run podman ${runWords(plan, { name: 'tonearm-…', env: {}, args: speakerWords('tonearm-…') }).join(' ')}`,
  );
  console.log('would wait until it is seen, healthy and announced, and let it play');
}

async function tryContainer(plan: ContainerPlan, isKept: boolean): Promise<void> {
  for (const tool of ['podman', 'runc', 'mmdebstrap'] as const) findTool(tool);
  const { arch, store } = plan;
  // A base that was made before the machine was last started is there without it.
  if (arch === 'arm64') allowForeignPrograms();
  const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-try-container-'));
  const figures: Figures = { event: 'container.tried', arch };
  mkdirSync(store, { recursive: true });
  try {
    await layBases(plan);
    await build(plan, figures);
    const house = await OpenHouse.open(folder, null);
    await startAndPlay(plan, house, figures).finally(() => house.close());
    console.log(JSON.stringify(figures));
  } finally {
    if (!isKept) podman(plan, 'system', 'reset', '--force');
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
});
const plan: ContainerPlan = {
  arch: parseArch(positionals[0] ?? ''),
  builder: parseArch(process.arch),
  root: ROOT,
  store: path.join(ROOT, '.build', 'firmware', 'container'),
};
if (values['dry-run'] === true) describe(plan);
else await tryContainer(plan, values.keep === true);
