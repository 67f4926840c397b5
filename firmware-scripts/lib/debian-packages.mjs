/**
 * The few things that come from the system and not from npm. `npm start` needs none of them (ffmpeg only adds formats and
 * speed); the real-process tests need loudspeakers, a network neighbour and peers to compare with.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProcess } from './run-process.mjs';

/**
 * Program that is looked for in the PATH → Debian package that has it.
 * @type {Readonly<Record<string, string>>}
 */
const TEST_PROGRAMS = {
  ffmpeg: 'ffmpeg',
  pulseaudio: 'pulseaudio',
  pactl: 'pulseaudio-utils',
  aplay: 'alsa-utils',
  'avahi-daemon': 'avahi-daemon',
  'avahi-browse': 'avahi-utils',
  'dbus-daemon': 'dbus',
  chromium: 'chromium',
  opusinfo: 'opus-tools',
  mpd: 'mpd',
  mpc: 'mpc',
  mpv: 'mpv',
  flac: 'flac',
  oggenc: 'vorbis-tools',
  gcc: 'build-essential',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
  make: 'build-essential',
  nginx: 'nginx',
  wrk: 'wrk',
  python3: 'python3',
};

/**
 * File that is looked for → Debian package that has it: libraries have no program to look for.
 * @type {Readonly<Record<string, string>>}
 */
const TEST_LIBRARIES = {
  'libasound.so.2': 'libasound2',
  'libpulse.so.0': 'libpulse0',
  // Headers: ALSA's for node-speaker, and the cross compiler's, beside the folders of libraries.
  '../../include/alsa/asoundlib.h': 'libasound2-dev',
  '../../aarch64-linux-gnu/include/stdio.h': 'libc6-dev-arm64-cross',
  'alsa-lib/libasound_module_pcm_pulse.so': 'libasound2-plugins',
};

/** Debian's folder of libraries per architecture. */
const LIBRARY_FOLDERS = { x64: '/usr/lib/x86_64-linux-gnu', arm64: '/usr/lib/aarch64-linux-gnu' };

/**
 * @param {(path: string) => boolean} exists
 * @returns {string[]} Debian packages that the tests need and that are not there, each once
 */
export function missingTestPackages(exists = fileExists) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const programs = Object.entries(TEST_PROGRAMS)
    .filter(([program]) => !folders.some((folder) => exists(join(folder, program))))
    .map(([, name]) => name);
  const libraryFolder = process.arch === 'arm64' ? LIBRARY_FOLDERS.arm64 : LIBRARY_FOLDERS.x64;
  const libraries = Object.entries(TEST_LIBRARIES)
    .filter(([library]) => !exists(join(libraryFolder, library)))
    .map(([, name]) => name);
  return [...new Set([...programs, ...libraries])];
}

/** @param {string} program @returns {boolean} whether it is in the PATH */
export function hasProgram(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => fileExists(join(folder, program)));
}

/** Whether Debian packages can be installed without asking anyone: root, and apt-get is there. */
export function mayInstallPackages() {
  return process.getuid?.() === 0 && hasProgram('apt-get');
}

/** @param {readonly string[]} names @returns {string} the line for somebody with the rights to run it */
export function installLine(names) {
  return `sudo apt-get install --yes --no-install-recommends ${names.join(' ')}`;
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<boolean>} false when apt-get failed; it has said why
 */
export async function installPackages(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdout: /** @type {const} */ ('stderr') };
  if ((await runProcess('apt-get', ['update', '-qq'], options)) !== 0) return false;
  const args = ['install', '-qq', '--yes', '--no-install-recommends', ...names];
  return (await runProcess('apt-get', args, options)) === 0;
}

/** @param {string} path */
function fileExists(path) {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}
