/**
 * `tonearm speaker reset`: makes the speaker of a data folder as new. One that runs is asked by its own door to promise it
 * and to end; then whoever has the folder first keeps the promise, this command or the speaker that was started anew.
 */
import { join } from 'node:path';
import { finishReset, isResetPromised, promiseReset } from '#device/adapters/factory-reset/factory-reset';
import { type RuntimeEnvironment, tracePathFor } from '#device/adapters/file-playback-memory/trace-path';
import { claimDataFolder } from '#device/adapters/file-settings-store/data-folder';
import { askOwnDoor } from '#device/adapters/lan-door/own-door-client';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerConfig } from './config.ts';
import { DOOR_FILE, RESET_PATH } from './own-door.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A speaker ends within 3 s, or is ended. */
const END_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** What it needs of the process that it is. */
interface ResetProcess {
  readonly env: RuntimeEnvironment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Says what came of it. @returns the exit code; what has failed is finished at the speaker's next start */
export async function runReset({ dataFolder }: Pick<SpeakerConfig, 'dataFolder'>, own: ResetProcess): Promise<number> {
  try {
    await reset(dataFolder, own.env);
  } catch (thrown) {
    const error = toTonearmError(thrown);
    own.stderr.write(`tonearm speaker reset: ${error.message} (${error.code})\n`);
    return error.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED;
  }
  own.stdout.write(`${JSON.stringify({ reset: dataFolder })}\n`);
  return EXIT_OK;
}

async function reset(dataFolder: string, env: RuntimeEnvironment): Promise<void> {
  const place = { folder: dataFolder, tracePath: tracePathFor(dataFolder, env) };
  if (
    await whileClaimed(dataFolder, () => {
      promiseReset(dataFolder);
      finishReset(place);
    })
  ) {
    return;
  }
  await askOwnDoor(join(dataFolder, DOOR_FILE))(RESET_PATH, {});
  for (let waitedMs = 0; waitedMs < END_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (!isResetPromised(dataFolder)) return;
    if (await whileClaimed(dataFolder, () => void finishReset(place))) return;
  }
  throw new TonearmError('config.data-locked', `the speaker of ${dataFolder} does not end; it is reset when it does`);
}

/** @returns false when another process has the folder */
async function whileClaimed(dataFolder: string, perform: () => void): Promise<boolean> {
  const claim = await claimDataFolder(dataFolder).catch((thrown: unknown) => {
    if (thrown instanceof TonearmError && thrown.code === 'config.data-locked') return null;
    throw thrown;
  });
  if (claim === null) return false;
  try {
    perform();
    return true;
  } finally {
    await claim.release();
  }
}
