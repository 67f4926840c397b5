/** What the doctor sees on this machine, whether or not a bridge runs: programs, libraries, space. */

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { type CheckResult, failed, fine, skipped, warning } from '#protocol/kit/check-result';
import { runProgram } from './run-program.ts';

const HOUSE = path.resolve(import.meta.dirname, '../../../..');
const NODE_MAJOR_MIN = 24;
const GIGABYTE = 1e9;
/** An album at 160 kbit/s is some 60 MB; below this an evening's ingest fails. */
const FREE_BYTES_FAILED = 0.5 * GIGABYTE;
/** Some 300 albums. */
const FREE_BYTES_WARNING = 5 * GIGABYTE;

export function checkNode(version: string): CheckResult {
  const major = Number(version.split('.')[0]);
  if (major >= NODE_MAJOR_MIN) return fine('node', `Node ${version}`);
  return failed('node', `Node ${version} is too old`, 'run tonearm through `npm run tonearm --`, which brings its own');
}

export async function checkFfmpeg(): Promise<CheckResult> {
  const outcome = await runProgram('ffmpeg', ['-hide_banner', '-version']);
  if (outcome.exitCode === 0) return fine('ffmpeg', outcome.stdout.split('\n')[0]?.split(' Copyright')[0] ?? 'there');
  return warning(
    'ffmpeg',
    outcome.isMissing ? 'not installed: music is decoded by WebAssembly, M4A and AIFF are not read' : 'does not run',
    'sudo apt-get install ffmpeg',
  );
}

const ALSA_FOLDERS = [
  '/usr/lib',
  '/lib',
  '/usr/lib64',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib/arm-linux-gnueabihf',
];

export function checkAlsaLibrary(platform: string): CheckResult {
  if (platform !== 'linux') return skipped('alsa library', `only Linux has ALSA, this is ${platform}`);
  const folder = ALSA_FOLDERS.find((it) => existsSync(path.join(it, 'libasound.so.2')));
  if (folder !== undefined) return fine('alsa library', path.join(folder, 'libasound.so.2'));
  return failed(
    'alsa library',
    'libasound.so.2 is not installed: a speaker here has no sound',
    'sudo apt-get install libasound2',
  );
}

/** Built at the first start, where a compiler is. */
export function checkSoundAddons(platform: string, architecture: string): CheckResult {
  const check = 'sound addons';
  if (platform !== 'linux') return skipped(check, `only Linux has them, this is ${platform}`);
  const folder = path.join(HOUSE, '.build/addons', `${platform}-${architecture}`);
  const missing = ['alsa', 'pulse'].filter((name) => !existsSync(path.join(folder, `${name}.node`)));
  if (missing.length === 0) return fine(check, 'built: alsa, pulse');
  const fix = 'sudo apt-get install gcc, then: npm start';
  return failed(check, `not built: ${missing.join(', ')}; a speaker here has no sound through them`, fix);
}

/** In a process of its own, because this library can end the one it is loaded into. */
export async function checkOpus(): Promise<CheckResult> {
  const library = path.join(HOUSE, 'node_modules/@discordjs/opus');
  const script = `new (require(${JSON.stringify(library)}).OpusEncoder)(48000, 2)`;
  const outcome = await runProgram(process.execPath, ['-e', script]);
  if (outcome.exitCode === 0) return fine('opus', 'native (@discordjs/opus)');
  return warning(
    'opus',
    'the native library does not load; WebAssembly decodes instead, at some more processor time',
    'npm install (it builds @discordjs/opus where a compiler is)',
  );
}

/** @param folder where the bridge or speaker keeps its data */
export async function checkDiskSpace(folder: string): Promise<CheckResult> {
  try {
    const space = await statfs(folder);
    const freeBytes = space.bavail * space.bsize;
    const free = `${(freeBytes / GIGABYTE).toFixed(1)} GB free at ${folder}`;
    if (freeBytes < FREE_BYTES_FAILED) return failed('disk space', free, 'make room: ingest stores what it encodes');
    if (freeBytes < FREE_BYTES_WARNING) return warning('disk space', free, 'make room before a large ingest');
    return fine('disk space', free);
  } catch (error) {
    return skipped('disk space', error instanceof Error ? error.message : String(error));
  }
}
