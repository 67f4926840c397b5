/** `tonearm ingest --watch`: a line for each file that is added, changed, renamed, removed, or cannot be read, as it comes. */
import { ms } from '#protocol/vocabulary/units';
import type { ChangesAnswer } from '../bridge/web-api-wire.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../screen/printable.ts';

/** The bridge itself waits for a second of quiet before it looks. */
const LOOK_EVERY_MS = ms(500);

/** @returns `ok` once interrupted: that is how one stops watching. */
export async function watchLibrary(context: CommandContext): Promise<ExitCode> {
  const { surroundings, output } = context;
  const bridge = await context.bridge();
  let { last } = await bridge.libraryChanges(0);
  output.note('watching the library; Ctrl-C ends it');
  while (!surroundings.interrupted.aborted) {
    await pause(context);
    if (surroundings.interrupted.aborted) break;
    const answer = await bridge.libraryChanges(last);
    // A bridge that was started anew counts from one again.
    last = answer.last < last ? 0 : answer.last;
    for (const change of answer.items) output.data(change, () => [describeChange(change)]);
  }
  return EXIT_CODES.ok;
}

/** Until it is time to look again, or there is nothing to look for any more. */
function pause({ surroundings }: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      surroundings.interrupted.removeEventListener('abort', done);
      resolve();
    };
    const timer = surroundings.clock.setTimer('watch-library', LOOK_EVERY_MS, done);
    surroundings.interrupted.addEventListener('abort', done, { once: true });
  });
}

/** One line for people. */
export function describeChange(change: ChangesAnswer['items'][number]): string {
  const { kind, path, before, reason } = change;
  if (kind === 'renamed' && before !== undefined) return `renamed  ${printable(before)} → ${printable(path)}`;
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  return `${kind.padEnd(8)} ${printable(path)}${why}`;
}
