/** What the doctor sees on this machine, whether or not a bridge runs: programs, libraries, space. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { type CheckResult, failed, fine, skipped, warning } from './check.ts';
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

/** What the speaker does when it starts, for a moment: loads the addon, opens the default device, closes it. */
const OPEN_SCRIPT = `
const addon = { exports: {} };
process.dlopen(addon, process.argv[1]);
addon.exports.open('default', 48000, 2, 9600, 2400, 16).then(
  (opened) => {
    addon.exports.close(opened.device);
    console.log(opened.playsToNobody ? 'nobody' : 'opens');
  },
  (error) => console.log(error.message),
);`;

/** In a process of its own: a broken native library can end the one it is loaded into. */
export async function checkAudioDevice(platform: string, architecture: string): Promise<CheckResult[]> {
  if (platform !== 'linux') return [skipped('alsa addon', `only Linux has ALSA, this is ${platform}`)];
  const file = path.join(HOUSE, '.build/addons', `${platform}-${architecture}`, 'alsa.node');
  if (!existsSync(file)) {
    return [
      failed('alsa addon', 'not built: a speaker here has no sound', 'sudo apt-get install gcc, then: npm start'),
    ];
  }
  const outcome = await runProgram(process.execPath, ['-e', OPEN_SCRIPT, file]);
  if (outcome.exitCode !== 0) {
    const why = outcome.stderr.split('\n').find((line) => line.includes('Error')) ?? 'it ends the process';
    return [failed('alsa addon', `does not load: ${why}`, 'node firmware-scripts/bundle/build-addons.ts --force')];
  }
  return [fine('alsa addon', 'loads'), audioDevice(outcome.stdout.trim())];
}

function audioDevice(found: string): CheckResult {
  const check = 'audio device';
  if (found === 'opens') return fine(check, 'default opens at 48 kHz, stereo');
  if (/busy/i.test(found)) return fine(check, `in use, by a speaker as it should be: ${found}`);
  const fix = '`aplay -l` lists devices; start the speaker with --sink alsa:DEVICE';
  if (found === 'nobody') return failed(check, 'the default device is ALSA’s null device: nothing is heard', fix);
  return failed(check, found, fix);
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
