/** `tonearm status --watch`: on a terminal a picture that stays in place, elsewhere a line for each change. */
import { type Ms, ms, msToUs } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { createEventsClient } from '../bridge/events-client.ts';
import { createEventsDialer } from '../bridge/events-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { describeSession } from './describe-session.ts';
import { printable } from './printable.ts';
import { renderStatus } from './render-status.ts';

/** The position is shown in whole seconds. */
const REDRAW_EVERY_MS = ms(1_000);
const CLEAR_BELOW = '\u001b[J';
/** A line that wrapped would be two, and the next picture would land one line too low. */
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

/** @returns `ok` once interrupted: that is how one stops watching. */
export async function watchStatus(context: CommandContext): Promise<ExitCode> {
  const { surroundings, output } = context;
  const bridge = await context.bridge();
  // Asked once before, so that a bridge that is not there is a failure of this command and not an endless wait.
  await bridge.household();
  const screen = createScreen(context);
  const events = createEventsClient(
    {
      clock: surroundings.clock,
      random: surroundings.random,
      dial: createEventsDialer(bridge.url, surroundings.clock, () => bridge.accessToken()),
    },
    {
      changed: (household, positionAt) => screen.changed(household, positionAt),
      lost: (reason, retryInMs) => {
        screen.lost();
        output.note(`connection lost (${reason}); trying again in ${(retryInMs / 1000).toFixed(1)} s`);
      },
    },
  );
  events.start();
  await new Promise<void>((resolve) => {
    if (surroundings.interrupted.aborted) resolve();
    else surroundings.interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  events.stop();
  screen.stop();
  return EXIT_CODES.ok;
}

interface Screen {
  changed(household: HouseholdSnapshot, positionAt: Ms): void;
  /** What is drawn stays; the next picture is drawn below whatever is said now. */
  lost(): void;
  stop(): void;
}

function createScreen(context: CommandContext): Screen {
  const { output, surroundings } = context;
  if (output.isJson || !output.stdout.isTty) return createLog(context);
  const { clock } = surroundings;
  let shown: { household: HouseholdSnapshot; positionAt: Ms } | null = null;
  let linesDrawn = 0;
  let timer = clock.setTimer('redraw', REDRAW_EVERY_MS, tick);
  output.stdout.write(WRAP_OFF);
  function tick(): void {
    draw();
    timer = clock.setTimer('redraw', REDRAW_EVERY_MS, tick);
  }
  function draw(): void {
    if (shown === null) return;
    const ageMs = ms(Math.max(0, clock.nowUs() / msToUs(ms(1)) - shown.positionAt));
    const columns = output.stdout.columns();
    const lines = renderStatus(shown.household, { ageMs, columns, colours: output.colours });
    const up = linesDrawn === 0 ? '' : `\u001b[${linesDrawn}A\r`;
    output.stdout.write(`${up}${CLEAR_BELOW}${lines.map((line) => `${line}\n`).join('')}`);
    linesDrawn = lines.length;
  }
  return {
    changed(household, positionAt) {
      shown = { household, positionAt };
      draw();
    },
    lost() {
      shown = null;
      linesDrawn = 0;
    },
    stop() {
      timer.cancel();
      output.stdout.write(WRAP_ON);
    },
  };
}

/** One line per change that a reader would notice; every change, whole, for machines. */
function createLog({ output }: CommandContext): Screen {
  let lastLine = '';
  return {
    changed(household) {
      const line = `${describeSession(household)}${describeHouse(household)}`;
      if (output.isJson) output.data(household, () => []);
      else if (line !== lastLine) output.stdout.write(`${printable(line)}\n`);
      lastLine = line;
    },
    lost: () => undefined,
    stop: () => undefined,
  };
}

function describeHouse(household: HouseholdSnapshot): string {
  const speakers = household.speakers.map((it) => `${it.name} ${it.isOnline ? (it.status?.volume ?? '?') : 'offline'}`);
  return speakers.length === 0 ? '' : ` [${speakers.join(', ')}]`;
}
