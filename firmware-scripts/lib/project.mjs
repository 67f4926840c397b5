/** Where the project is, and how one of its programs is run on the pinned Node. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, pinnedNodeVersion, thisMachine } from './find-node.mjs';
import { runProcess } from './run-process.mjs';

/** Root folder of the project, however deep the launcher lies and through whatever link it was called. */
export const PROJECT_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Node's warnings that `node:sqlite` and type stripping are young: true, pinned, and nothing a listener can act on. */
export const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];

/** Exit code for a machine that lacks what is needed (README, exit codes). */
const EXIT_FAILURE = 1;

/**
 * @param {string} script path of a `.ts` or `.js` file
 * @param {readonly string[]} args
 * @param {{ stdout?: 'inherit' | 'stderr', env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} exit code; says on stderr why when no Node fits
 */
export async function runScript(script, args, options = {}) {
  const node = findNode(PROJECT_ROOT, pinnedNodeVersion(PROJECT_ROOT), thisMachine());
  if (node.kind === 'missing') {
    process.stderr.write(`${node.problem}\n`);
    return EXIT_FAILURE;
  }
  if (node.note !== null) process.stderr.write(`${node.note}\n`);
  return runProcess(node.path, [...NODE_FLAGS, script, ...args], options);
}
