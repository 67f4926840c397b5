/**
 * Brings a fresh clone to where its programs can run. Says what it does before it does it, does nothing twice, and asks for
 * nothing that it can do itself. What is optional and cannot be had is named, with what is used in its place.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  hasProgram,
  installLine,
  installPackages,
  mayInstallPackages,
  missingTestPackages,
} from './debian-packages.mjs';
import { inspectPackages, noteInstalled } from './installed-packages.mjs';
import { PROJECT_ROOT, runScript } from './project.mjs';
import { runProcess } from './run-process.mjs';

/** How many missing packages are named before "and more". */
const MISSING_NAMED_MAX = 3;

/**
 * @param {{ purpose: 'start' | 'test' | 'command' }} options what it is for: tests need more, a command should stay quiet
 * @returns {Promise<boolean>} false when something that is needed could not be installed; it has been said
 */
export async function bootstrap({ purpose }) {
  if (purpose === 'test') await installTestPackages();
  if (!(await installNpmPackages())) return false;
  if (purpose === 'command') return true;
  await buildAddons();
  if (purpose === 'test') await buildSpeakerAddon();
  sayWhatIsUsedInstead();
  return true;
}

/** @returns {Promise<boolean>} */
async function installNpmPackages() {
  const packages = inspectPackages(PROJECT_ROOT);
  if (packages.kind === 'complete') return true;
  const why =
    packages.kind === 'absent'
      ? 'first start'
      : `missing or outdated: ${packages.missing.slice(0, MISSING_NAMED_MAX).join(', ')}${packages.missing.length > MISSING_NAMED_MAX ? ' and more' : ''}`;
  say(`installing npm packages into node_modules (${why}); this takes a minute`);
  const npm = npmCommand();
  const code = await runProcess(npm.command, [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: PROJECT_ROOT,
    stdout: 'stderr',
  });
  if (code === 0) {
    noteInstalled(PROJECT_ROOT);
    return true;
  }
  say(`"npm ci" failed with exit code ${code}; what it wrote above says why`);
  return false;
}

/** The npm that started us when there is one, so that a machine with several keeps to it. */
function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script?.endsWith('npm-cli.js') === true && existsSync(script))
    return { command: process.execPath, args: [script] };
  return { command: 'npm', args: [] };
}

/** Our own addons are small C files; without a compiler the programs say what they use instead. */
async function buildAddons() {
  const script = join(PROJECT_ROOT, 'firmware-scripts', 'bundle', 'build-addons.ts');
  if (!existsSync(script)) return;
  const code = await runScript(script, [], { stdout: 'stderr' });
  if (code !== 0)
    say('the sound addons could not be built: the speaker plays on the virtual sink or a file, which makes no sound');
}

/** Only its tests need it; whoever wants it builds it by hand. Why it could not be built it says itself. */
async function buildSpeakerAddon() {
  const script = join(PROJECT_ROOT, 'firmware-scripts', 'bundle', 'build-speaker-addon.ts');
  if (process.platform === 'linux' && existsSync(script))
    await runScript(script, ['--if-missing'], { stdout: 'stderr' });
}

async function installTestPackages() {
  const missing = missingTestPackages();
  if (missing.length === 0) return;
  if (!mayInstallPackages()) {
    say(`some tests need Debian packages that are not here; to have them: ${installLine(missing)}`);
    return;
  }
  say(`installing Debian packages for the tests: ${missing.join(' ')}`);
  if (!(await installPackages(missing))) say(`that failed; by hand: ${installLine(missing)}`);
}

function sayWhatIsUsedInstead() {
  if (!existsSync(join(PROJECT_ROOT, 'node_modules', '@discordjs', 'opus', 'prebuild'))) {
    say(
      '@discordjs/opus was not built on this machine: Opus is encoded and decoded in WebAssembly, slower and as good',
    );
  }
  if (!hasProgram('ffmpeg')) {
    say('no ffmpeg here: music is read by WebAssembly decoders, which take longer and read the same formats');
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`tonearm: ${text}\n`);
}
