/** `tonearm doctor`: looks at everything that sound depends on, and says what to do about what it finds. */

import type { Command } from 'commander';
import { type CheckLook, type CheckResult, fine, isHealthy, renderChecks, skipped } from '#protocol/kit/check-result';
import type { Act, CommandContext } from '../command-context.ts';
import { toCommandFailure } from '../command-failure.ts';
import { bridgeUnreachable, checkMdns, checkSpeakers } from '../doctor/house-checks.ts';
import {
  checkAlsaLibrary,
  checkDiskSpace,
  checkFfmpeg,
  checkNode,
  checkOpus,
  checkSoundAddons,
} from '../doctor/machine-checks.ts';
import { checkSound } from '../doctor/sound-check.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Colours } from '../screen/output.ts';
import { printable } from '../screen/printable.ts';

export function addDoctor(program: Command, act: Act): void {
  program
    .command('doctor')
    .description('check everything that sound depends on, and say how to mend it')
    .option('--sink <sink>', 'play the two notes there (as in `tonearm speaker --sink`; else where a speaker would)')
    .option('--no-tone', 'play nothing')
    .action(act(doctor));
}

interface DoctorOptions {
  readonly sink?: string;
  readonly tone: boolean;
}

async function doctor(context: CommandContext, options: DoctorOptions): Promise<ExitCode> {
  const { surroundings, output } = context;
  const [ffmpeg, sound, opus, disk, mdns, house] = await Promise.all([
    checkFfmpeg(),
    options.tone ? checkSound(process.platform, options.sink ?? null) : skipped('sound test', 'not asked for'),
    checkOpus(),
    checkDiskSpace(surroundings.workingFolder),
    checkMdns(surroundings.clock, surroundings.openDiscovery),
    checkHouse(context),
  ]);
  const results: CheckResult[] = [
    checkNode(process.versions.node),
    ffmpeg,
    checkAlsaLibrary(process.platform),
    checkSoundAddons(process.platform, process.arch),
    sound,
    opus,
    disk,
    ...house,
    ...mdns,
  ];
  const healthy = isHealthy(results);
  output.data({ isHealthy: healthy, checks: results }, (colours) => renderChecks(results, lookOf(colours)));
  return healthy ? EXIT_CODES.ok : EXIT_CODES.degraded;
}

async function checkHouse(context: CommandContext): Promise<CheckResult[]> {
  try {
    const bridge = await context.bridge();
    const household = await bridge.household();
    return [
      fine('bridge', `${household.bridge.name} ${household.bridge.version} at ${bridge.url}`),
      ...checkSpeakers(household.speakers),
    ];
  } catch (thrown) {
    return [bridgeUnreachable(toCommandFailure(thrown)), skipped('speakers', 'only the bridge knows them')];
  }
}

function lookOf(colours: Colours): CheckLook {
  const tones = {
    ok: colours.green,
    warning: colours.yellow,
    failed: colours.red,
    skipped: colours.dim,
    quiet: colours.dim,
  };
  return { paint: (tone, text) => tones[tone](text), printable };
}
