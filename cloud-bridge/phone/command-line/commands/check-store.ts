/** `tonearm ingest --check`: has the bridge verify what it stores, and repair it on request. */

import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import type { StoreCheckView, StoreProblem } from '#protocol/wire/store-check';
import type { RestClient } from '../bridge/rest-client.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { createIngestProgress } from '../screen/ingest-progress.ts';
import { printable } from '../screen/printable.ts';

const LOOK_EVERY_MS = ms(250);

export async function checkStore(context: CommandContext, options: { readonly repair: boolean }): Promise<ExitCode> {
  const bridge = await context.bridge();
  await bridge.beginCheck(options.repair);
  const view = await watchCheck(context, bridge);
  if (view.failure !== null) throw new CommandFailure(new TonearmError(view.failure.code, view.failure.message));
  context.output.data(view, (colours) => [
    `${view.checked} stored files checked: ${summaryOf(view)}`,
    ...view.problems.map((it) => `  ${colours.yellow(printable(it.source ?? it.fileId))}: ${describeProblem(it)}`),
    ...(view.found > view.problems.length ? [`  … and ${view.found - view.problems.length} more`] : []),
  ]);
  return view.found === 0 ? EXIT_CODES.ok : EXIT_CODES.degraded;
}

function summaryOf(view: StoreCheckView): string {
  if (view.found === 0) return 'all are sound.';
  const repaired = view.isRepairing ? `, ${view.repaired} repaired` : '; --repair mends what it can';
  return `${view.found} ${view.found === 1 ? 'problem' : 'problems'}${repaired}:`;
}

function describeProblem(problem: StoreProblem): string {
  const { code, message } = problem.error;
  return `${printable(message)} (${code}, file ${problem.fileId.slice(0, 12)}…)${problem.isRepaired ? ', repaired' : ''}`;
}

async function watchCheck(context: CommandContext, bridge: RestClient): Promise<StoreCheckView> {
  const { surroundings, output } = context;
  const progress = createIngestProgress(output);
  for (;;) {
    const view = await bridge.check();
    const { isRunning, total, checked } = view;
    progress.show({ isRunning, folder: null, found: total, done: checked, failed: 0, failures: [] });
    if (!isRunning) {
      progress.end();
      return view;
    }
    surroundings.interrupted.throwIfAborted();
    await new Promise<void>((resolve) => surroundings.clock.setTimer('watch-check', LOOK_EVERY_MS, resolve));
  }
}
