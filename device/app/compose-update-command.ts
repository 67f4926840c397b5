/** `tonearm speaker update FILE`: hands a packed release to the speaker that runs here, and says what became of it. */
import { join, resolve } from 'node:path';
import { askOwnDoor } from '#device/adapters/lan-door/own-door-client';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerConfig } from './config.ts';
import { DOOR_FILE, UPDATE_PATH } from './own-door.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A file is read, hashed, written, read back and tried on a small board. */
const WITHIN_MS = 300_000;

interface Screen {
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
}

/** @param mayBeOlder than one that this speaker has seen @returns the exit code; what went wrong has been said */
export async function runUpdateCommand(
  { file, mayBeOlder }: { readonly file: string | undefined; readonly mayBeOlder: boolean },
  { dataFolder }: Pick<SpeakerConfig, 'dataFolder'>,
  screen: Screen,
): Promise<number> {
  try {
    if (file === undefined || file === '')
      throw new TonearmError('config.invalid', 'which file? tonearm speaker update FILE');
    const ask = askOwnDoor(join(dataFolder, DOOR_FILE), WITHIN_MS);
    screen.out(`${JSON.stringify(await ask(UPDATE_PATH, { file: resolve(file), mayBeOlder }))}\n`);
    return EXIT_OK;
  } catch (thrown) {
    const error = toTonearmError(thrown);
    screen.err(`tonearm speaker update: ${error.message} (${error.code})\n`);
    return error.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED;
  }
}
