/** `tonearm speaker reset`: makes the speaker of a data folder as new. It must not be running, which its claim on the folder shows. */
import { resetSpeaker } from '#device/adapters/factory-reset/factory-reset';
import { type RuntimeEnvironment, tracePathFor } from '#device/adapters/file-playback-memory/trace-path';
import { claimDataFolder } from '#device/adapters/file-settings-store/data-folder';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerConfig } from './config.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** What it needs of the process that it is. */
interface ResetProcess {
  readonly env: RuntimeEnvironment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Says what came of it. @returns the exit code; what has failed is finished at the speaker's next start */
export async function runReset({ dataFolder }: Pick<SpeakerConfig, 'dataFolder'>, own: ResetProcess): Promise<number> {
  try {
    const claim = await claimDataFolder(dataFolder);
    try {
      resetSpeaker({ folder: dataFolder, tracePath: tracePathFor(dataFolder, own.env) });
    } finally {
      await claim.release();
    }
  } catch (thrown) {
    const error = toTonearmError(thrown);
    const why = error.code === 'config.data-locked' ? stopItFirst(dataFolder) : error;
    own.stderr.write(`tonearm speaker reset: ${why.message} (${why.code})\n`);
    return why.code.startsWith('config.') ? EXIT_USAGE : EXIT_FAILED;
  }
  own.stdout.write(`${JSON.stringify({ reset: dataFolder })}\n`);
  return EXIT_OK;
}

function stopItFirst(dataFolder: string): TonearmError {
  return new TonearmError('config.data-locked', `the speaker of ${dataFolder} is running; stop it first`);
}
