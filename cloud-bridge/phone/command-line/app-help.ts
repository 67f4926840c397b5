/** What the `--help` of a speaker, a bridge or an edge says: each is asked itself, as people would. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { APPS, type AppName } from './run-app.ts';

/** It prints and ends; a busy board needs a second or two. */
const WITHIN_MS = 20_000;

/** @param node the Node that runs this */
export async function helpOfApp(app: AppName, node: string): Promise<string> {
  const { stdout } = await promisify(execFile)(node, [APPS[app], '--help'], { timeout: WITHIN_MS });
  return stdout;
}
