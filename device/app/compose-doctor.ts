/**
 * `tonearm speaker doctor`: looks at everything that a speaker depends on, on the machine where it runs, and says what to do
 * about what it finds; and packs it into one file for somebody else to look at, without what is secret.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { createFileOwnershipStore } from '#device/adapters/file-ownership-store/file-ownership-store';
import { createFileSlotStore } from '#device/adapters/file-slot-store/file-slot-store';
import { askOwnInfo } from '#device/adapters/lan-door/ask-own-info';
import {
  bytesIn,
  freeBytesAt,
  readClock,
  readHeat,
  readJournal,
  readMemory,
  readNetwork,
  readWear,
  textOf,
} from '#device/adapters/machine-facts/health-facts';
import { boardNames, glibcVersion } from '#device/adapters/machine-facts/machine-facts';
import {
  type BridgeTry,
  judgeBridge,
  judgeMdns,
  judgeOutput,
  judgeSpeaker,
  type RunningSpeaker,
} from '#device/core/doctor/judge-house';
import {
  judgeClock,
  judgeDisk,
  judgeHeat,
  judgeMemory,
  judgeNetwork,
  judgeSlots,
  judgeWear,
} from '#device/core/doctor/judge-machine';
import type { SlotReport } from '#device/core/doctor/machine-report';
import { redact, secretsIn } from '#device/core/doctor/redact';
import type { Ownership } from '#device/core/ports/ownership-store';
import { createBonjourDiscovery } from '#protocol/adapters/bonjour-discovery';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { readJson } from '#protocol/adapters/release-folder';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import { type CheckResult, isHealthy, renderChecks, skipped } from '#protocol/kit/check-result';
import { judgeSound } from '#protocol/kit/judge-sound';
import { silentLogger } from '#protocol/kit/silent-logger';
import { readFirstRoot } from '#protocol/kit/update-trust';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { signedTextSchema } from '#protocol/wire/update';
import { SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';
import type { SpeakerConfig } from './config.ts';
import type { DoctorRequest } from './doctor-request.ts';
import { DOOR_FILE } from './own-door.ts';
import { describeSink } from './sink-choice.ts';
import { SPEAKER_VERSION } from './version.ts';

const EXIT_OK = 0;
/** As of the house's doctor: it works, and something wants looking at. */
const EXIT_DEGRADED = 5;
const EXIT_USAGE = 2;
/** As long as any command looks for a bridge. */
const BROWSE: Ms = ms(2_000);
const DIAL_WITHIN: Ms = ms(5_000);
/** Where the package lays what `slot-start` names to the service alone. */
const PACKAGE = '/usr/lib/tonearm';
const UNIT = 'tonearm-speaker';
const JOURNAL_LINES = 500;
const BUNDLE_MODE = 0o600;
const ROOT = '/';
/** Whatever in the speaker's folder opens something. */
const SECRET_FILES = [
  'identity.key',
  'ownership.json',
  'door.json',
  'pairing-code.txt',
  'pairing.json',
  'settings.json',
];

/** What it needs of the process that it is. */
export interface DoctorProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: NodeJS.ProcessVersions;
  readonly arch: string;
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
}

/** @returns the exit code */
export async function runDoctor(config: SpeakerConfig, request: DoctorRequest, own: DoctorProcess): Promise<number> {
  const checks = await checkAll(config, request, own.env);
  const healthy = isHealthy(checks);
  if (request.bundle !== null) {
    try {
      const bundle = await bundleOf(config, checks, own);
      writeFileSync(request.bundle, `${JSON.stringify(bundle, null, 2)}\n`, { mode: BUNDLE_MODE, flag: 'wx' });
    } catch (thrown) {
      own.err(`tonearm speaker doctor: ${request.bundle} cannot be written: ${toTonearmError(thrown).message}\n`);
      return EXIT_USAGE;
    }
  }
  // A name may come from elsewhere; it stays on its line.
  const look = {
    paint: (_: string, text: string) => text,
    printable: (text: string) => text.replace(/\p{Cc}+/gu, ' '),
  };
  own.out(
    request.isJson
      ? `${JSON.stringify({ isHealthy: healthy, checks })}\n`
      : `${renderChecks(checks, look).join('\n')}\n`,
  );
  return healthy ? EXIT_OK : EXIT_DEGRADED;
}

async function checkAll(
  config: SpeakerConfig,
  { hasTone }: DoctorRequest,
  env: DoctorProcess['env'],
): Promise<CheckResult[]> {
  const { dataFolder, cache } = config;
  const asked = await askOwnInfo(join(dataFolder, DOOR_FILE));
  const speaker = typeof asked === 'string' ? null : asked;
  const [clock, seen, bridge, sound, slots] = await Promise.all([
    readClock(Date.now()),
    config.hasMdns ? browse() : 'not looked for, by --no-mdns',
    checkBridge(config, speaker),
    checkSound(config, speaker, hasTone),
    readSlots(dataFolder, env),
  ]);
  const freeBytes = freeBytesAt(dataFolder);
  const disk = { folder: dataFolder, cacheLimitBytes: cache, cacheBytes: bytesIn(join(dataFolder, 'cache')) };
  return [
    judgeSpeaker(speaker, typeof asked === 'string' ? asked : ''),
    sound,
    judgeClock(clock),
    judgeNetwork(readNetwork(ROOT)),
    judgeMdns(speaker, seen),
    ...bridge,
    freeBytes === null ? skipped('disk', `${dataFolder} is not there`) : judgeDisk({ ...disk, freeBytes }),
    judgeWear(readWear(ROOT)),
    judgeHeat(readHeat(ROOT)),
    judgeMemory(readMemory(ROOT, null)),
    judgeSlots(slots),
  ];
}

/** One that runs has the device, and says itself what it plays to; two notes over its music would help nobody. */
async function checkSound(
  config: SpeakerConfig,
  speaker: RunningSpeaker | null,
  hasTone: boolean,
): Promise<CheckResult> {
  if (speaker !== null) return judgeOutput(speaker);
  if (!hasTone) return skipped('sound', 'not asked for');
  const { runSoundTest } = await import('./compose-sound-test.ts');
  const device = '`aplay -l` lists devices; try one with `tonearm speaker doctor --sink alsa:DEVICE`';
  return judgeSound(await runSoundTest(config), { device, addon: 'install the package for this architecture' });
}

/** As any other machine would: what is heard here is what the outside sees. */
async function browse(): Promise<{ readonly name: string; readonly id: string | undefined }[] | string> {
  const clock = createSystemClock();
  const found = new Map<string, { readonly name: string; readonly id: string | undefined }>();
  try {
    const discovery = createBonjourDiscovery(clock, silentLogger);
    discovery.browse(SPEAKER_SERVICE_TYPE, {
      found: ({ name, txt }) => found.set(name, { name, id: txt['id'] }),
      lost: (name) => found.delete(name),
    });
    await new Promise<void>((resolve) => clock.setTimer('doctor-browse', BROWSE, resolve));
    await discovery.close();
    return [...found.values()];
  } catch (thrown) {
    return `this machine cannot browse: ${toTonearmError(thrown).message}`;
  }
}

async function checkBridge(
  { dataFolder, bridgeAddress }: SpeakerConfig,
  speaker: RunningSpeaker | null,
): Promise<CheckResult[]> {
  let owner: Ownership | null;
  try {
    owner = await createFileOwnershipStore(dataFolder).load();
  } catch {
    return judgeBridge(speaker, null, []);
  }
  const addresses = owner?.addresses ?? [bridgeAddress ?? speaker?.bridge].filter((it) => typeof it === 'string');
  const tries = await Promise.all(addresses.map((address) => dial(address, owner?.tlsPin)));
  return judgeBridge(speaker, owner !== null, tries);
}

async function dial(address: string, pin: Uint8Array | undefined): Promise<BridgeTry> {
  const clock = createSystemClock();
  const attempt = createWsDialer().dial(address, pin);
  const limit = clock.setTimer('doctor-dial', DIAL_WITHIN, () => attempt.cancel());
  const outcome = await attempt.outcome;
  limit.cancel();
  if (!outcome.ok) return { address, problem: { code: outcome.error.code, message: outcome.error.message } };
  outcome.value.listen({ received: () => undefined, closed: () => undefined });
  outcome.value.close(CLOSE_CODES.normal, 'only a look');
  return { address, problem: null };
}

async function readSlots(dataFolder: string, env: DoctorProcess['env']): Promise<SlotReport | null> {
  const factory = env['TONEARM_FACTORY'] ?? join(PACKAGE, 'factory');
  const folder = env['TONEARM_FIRMWARE'] ?? join(dataFolder, 'firmware');
  if (freeBytesAt(factory) === null) return null;
  const store = createFileSlotStore({ folder, factory });
  const { slot, version } = await store.running();
  const program = join(slot === 'factory' ? factory : join(folder, 'slots', slot), 'tonearm');
  const record = await store.readRecord().catch(() => null);
  return {
    slot,
    version: version?.version ?? null,
    isWhole: version === null ? null : (await hashOf(program)) === version.sha256,
    outcome: record?.outcome ?? null,
    keysProblem: keysProblem(env['TONEARM_KEYS'] ?? join(PACKAGE, 'keys.json')),
  };
}

async function hashOf(path: string): Promise<string | null> {
  const { createReadStream } = await import('node:fs');
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece);
    return hash.digest('hex');
  } catch {
    return null;
  }
}

function keysProblem(path: string): string | null {
  try {
    const root = readFirstRoot(ed25519Check, readJson(signedTextSchema, path));
    return root.ok ? null : root.error.message;
  } catch (thrown) {
    return toTonearmError(thrown).message;
  }
}

async function bundleOf(config: SpeakerConfig, checks: readonly CheckResult[], own: DoctorProcess): Promise<unknown> {
  const secrets = SECRET_FILES.flatMap((name) => secretsIn(textOf(join(config.dataFolder, name)) ?? ''));
  const journal = await readJournal(UNIT, JOURNAL_LINES);
  return redact(
    {
      format: 'tonearm.support.1',
      at: new Date().toISOString(),
      version: SPEAKER_VERSION,
      machine: {
        node: own.versions.node,
        arch: own.arch,
        kernel: release(),
        glibc: glibcVersion(),
        board: boardNames(),
      },
      settings: { ...config, sink: describeSink(config.sink) },
      checks,
      log: journal?.split('\n').map(asLogged) ?? null,
    },
    secrets,
  );
}

/** Field by field where it is one of ours, so that each is known by its name. */
function asLogged(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
