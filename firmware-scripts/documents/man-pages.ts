/** The man pages as `tonearm` prints them: made from what `--help` is printed from, so that the two cannot differ. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where they are kept, and where packages take them from. */
export const MAN_FOLDER = join(ROOT, 'docs', 'man');
const COMMAND_LINE = join(ROOT, 'cloud-bridge', 'phone', 'command-line', 'main.ts');
/** Each program is asked for its help in a process of its own. */
const WITHIN_MS = 60_000;

export interface ManFile {
  readonly file: string;
  readonly text: string;
}

export async function makeManPages(): Promise<readonly ManFile[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND_LINE, 'manual'], { timeout: WITHIN_MS });
  return JSON.parse(stdout);
}
