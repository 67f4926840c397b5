/** `tonearm firmware`: which releases the bridge has, to whom they go, and what each speaker runs. */
import { type Command, InvalidArgumentError } from 'commander';
import type { FirmwareAnswer } from '../bridge/web-api-wire.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Colours } from '../screen/output.ts';
import { printable } from '../screen/printable.ts';

type Release = FirmwareAnswer['releases'][number];
type Speaker = FirmwareAnswer['speakers'][number];

const PERCENT_ALL = 100;

export function addFirmware(program: Command, act: Act): void {
  const firmware = program.command('firmware').description('updates of the speakers: publish, halt, watch');
  firmware
    .command('list', { isDefault: true })
    .description('the releases that the bridge has, and how they go')
    .action(act(list));
  firmware
    .command('publish <version>')
    .description('offer a release to the speakers; again with more of them, or after a halt')
    .option('--percent <n>', 'of a hundred speakers', percentOf, PERCENT_ALL)
    .option('--dry-run', 'say which speakers there are, offer nothing')
    .action(act(publish));
  firmware
    .command('halt <version>')
    .description('nobody else gets it; who has it keeps it')
    .option('--dry-run', 'say what would be halted')
    .action(act(halt));
  firmware.command('status').description('what each speaker runs, and how its update went').action(act(status));
}

async function list({ output, bridge }: CommandContext): Promise<ExitCode> {
  const { releases } = await (await bridge()).firmware();
  const none = ['No releases. `npm run firmware -- publish` puts them into the folder firmware of the bridge’s data.'];
  output.data({ releases }, (colours) =>
    releases.length === 0 ? none : releases.map((it) => renderRelease(it, colours)),
  );
  return EXIT_CODES.ok;
}

async function publish(
  { output, bridge }: CommandContext,
  version: string,
  { percent, dryRun }: { readonly percent: number; readonly dryRun?: true },
): Promise<ExitCode> {
  const client = await bridge();
  const what = `${version} to ${percent} of a hundred speakers`;
  if (dryRun !== true) await client.publishFirmware(version, percent);
  output.done(
    { version, percent, isDryRun: dryRun === true },
    dryRun === true ? `Would offer ${what}.` : `Offered ${what}.`,
  );
  return EXIT_CODES.ok;
}

async function halt(
  { output, bridge }: CommandContext,
  version: string,
  { dryRun }: { readonly dryRun?: true },
): Promise<ExitCode> {
  if (dryRun !== true) await (await bridge()).haltFirmware(version);
  output.done({ version, isDryRun: dryRun === true }, `${dryRun === true ? 'Would halt' : 'Halted'} ${version}.`);
  return EXIT_CODES.ok;
}

/** Ends with 5 when a rollout was halted by itself: something is to be looked at. */
async function status({ output, bridge }: CommandContext): Promise<ExitCode> {
  const { speakers, releases } = await (await bridge()).firmware();
  const halted = releases.filter(({ rollout }) => rollout?.halted === 'too-many-failures');
  output.data({ speakers, halted: halted.map(({ version }) => version) }, (colours) => [
    ...(speakers.length === 0 ? ['No speakers yet.'] : speakers.map((it) => renderSpeaker(it, colours))),
    ...halted.map((it) => colours.yellow(`${it.version} was halted: it failed on ${it.failed} speakers.`)),
  ]);
  return halted.length === 0 ? EXIT_CODES.ok : EXIT_CODES.degraded;
}

function renderRelease({ version, seq, arch, sizeBytes, rollout, good, failed }: Release, colours: Colours): string {
  const megabytes = (sizeBytes / 1_000_000).toFixed(1);
  const where = rollout === null ? colours.dim('not published') : describeRollout(rollout, colours);
  return `${version} (${seq})  ${arch}  ${megabytes} MB  ${where}  works on ${good}, failed on ${failed}`;
}

function describeRollout({ percent, halted }: NonNullable<Release['rollout']>, colours: Colours): string {
  if (halted === null) return percent === PERCENT_ALL ? colours.green('to all') : `to ${percent} of a hundred`;
  return colours.yellow(halted === 'by-hand' ? 'halted' : 'halted: too many failures');
}

function renderSpeaker({ name, isOnline, running, update }: Speaker, colours: Colours): string {
  const line = `${isOnline ? '○' : '·'} ${printable(name)}  ${running}`;
  if (update === null) return line;
  const { version, stage, reason } = update;
  const said = `${version} ${stage}${reason === null ? '' : `: ${reason}`}`;
  return `${line}  ${stage === 'good' ? colours.green(said) : reason === null ? said : colours.yellow(said)}`;
}

function percentOf(text: string): number {
  const value = Number(text);
  if (/^[0-9]{1,3}$/.test(text) && value >= 1 && value <= PERCENT_ALL) return value;
  throw new InvalidArgumentError('wants a whole number from 1 to 100.');
}
