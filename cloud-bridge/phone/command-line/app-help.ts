/** What the `--help` of our apps says: each is asked itself, as people would. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CommandNode } from './manual/command-node.ts';
import { APPS, type AppName } from './run-app.ts';

/** It prints and ends; a busy board needs a second or two. */
const WITHIN_MS = 20_000;

/** It has commands of its own, each with flags; the other apps have flags alone. */
export const APP_WITH_COMMANDS: AppName = 'simulate';

/** @param node the Node that runs this */
export async function helpOfApp(app: AppName, node: string): Promise<string> {
  const { stdout } = await promisify(execFile)(node, [APPS[app], '--help'], { timeout: WITHIN_MS });
  return stdout;
}

/** What that app's `--help` is printed from. @param node the Node that runs this */
export async function commandsOfApp(node: string): Promise<CommandNode> {
  const { stdout } = await promisify(execFile)(node, [APPS[APP_WITH_COMMANDS], 'manual'], { timeout: WITHIN_MS });
  return { ...JSON.parse(stdout), name: APP_WITH_COMMANDS };
}
