/** `tonearm ingest`: add a folder of music, and watch it being read; or check what is stored of all of them. */
import path from 'node:path';
import type { Command } from 'commander';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import type { IngestView } from '#protocol/wire/household';
import type { RestClient } from '../bridge/rest-client.ts';
import type { Act, CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { createIngestProgress } from '../screen/ingest-progress.ts';
import { printable } from '../screen/printable.ts';
import { checkStore } from './check-store.ts';
import { watchLibrary } from './watch-library.ts';

const LOOK_EVERY_MS = ms(250);

export function addIngest(program: Command, act: Act): void {
  program
    .command('ingest')
    .description('add a folder of music to the library, or check what is stored')
    .argument('[folder]', 'on the machine where the bridge runs')
    .option('--no-wait', 'come back as soon as it has begun')
    .option('--watch', 'stay, and tell what changes in the library')
    .option('--check', 'verify every stored file instead')
    .option('--repair', 'with --check: encode anew what is broken, drop what no track has')
    .action(act(ingest));
}

interface IngestOptions {
  readonly wait: boolean;
  readonly watch?: true;
  readonly check?: true;
  readonly repair?: true;
}

async function ingest(context: CommandContext, folder: string | undefined, options: IngestOptions): Promise<ExitCode> {
  if (options.check === true && folder === undefined) {
    return await checkStore(context, { repair: options.repair === true });
  }
  if (options.check === true) throw misused('FOLDER', '--check looks at all that is stored, and takes no folder');
  if (options.repair === true) throw misused('--repair', '--repair is only for --check');
  if (folder === undefined && options.watch === true) return await watchLibrary(context);
  if (folder === undefined) throw misused('FOLDER', 'which folder? It is on the machine where the bridge runs');
  const bridge = await context.bridge();
  if (options.watch === true && !options.wait)
    throw misused('--watch', '--watch stays, --no-wait does not: choose one');
  await bridge.beginIngest(wholeFolder(folder, bridge.url, context.surroundings.workingFolder));
  if (!options.wait) {
    context.output.done({ started: true }, 'Begun; `tonearm status` shows how far it is.');
    return EXIT_CODES.ok;
  }
  const view = await watchIngest(context, bridge);
  context.output.data(view, (colours) => [
    `${view.done} of ${view.found} files are in the library${view.failed === 0 ? '.' : `, ${view.failed} could not be read:`}`,
    ...view.failures.map((it) => `  ${colours.yellow(printable(it.path))}: ${printable(it.error.message)}`),
    ...(view.failed > view.failures.length ? [`  … and ${view.failed - view.failures.length} more`] : []),
  ]);
  if (options.watch === true) return await watchLibrary(context);
  return view.failed === 0 ? EXIT_CODES.ok : EXIT_CODES.degraded;
}

function misused(field: string, message: string): CommandFailure {
  return new CommandFailure(new TonearmError('input.invalid', message, { field }));
}

/** A relative folder is one of this machine, so it only makes sense when the bridge is here too. */
function wholeFolder(folder: string, bridgeUrl: string, workingFolder: string): string {
  if (path.isAbsolute(folder)) return folder;
  const host = new URL(bridgeUrl).hostname;
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) return path.resolve(workingFolder, folder);
  throw new CommandFailure(
    new TonearmError(
      'input.invalid',
      `the bridge runs on another machine (${host}); "${folder}" is relative to this one`,
      {
        field: 'FOLDER',
      },
    ),
    { nextStep: 'give the whole path as it is on that machine' },
  );
}

async function watchIngest(context: CommandContext, bridge: RestClient): Promise<IngestView> {
  const { surroundings, output } = context;
  const progress = createIngestProgress(output);
  for (;;) {
    const view = await bridge.ingest();
    progress.show(view);
    if (!view.isRunning) {
      progress.end();
      return view;
    }
    surroundings.interrupted.throwIfAborted();
    await new Promise<void>((resolve) => surroundings.clock.setTimer('watch-ingest', LOOK_EVERY_MS, resolve));
  }
}
