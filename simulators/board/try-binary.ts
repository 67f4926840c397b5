/**
 * `try-binary.ts BINARY ARCH [REFERENCE] [--track FILE] [--seconds N]`: a binary dials an open bridge, plays a track into a file,
 * and is compared with what REFERENCE, a binary for this machine, made of it. By hand: emulated it takes minutes.
 *
 * At 24 bits, because sixteen have noise of a random seed in their last place, and at the least quality, because of more than one a speaker chooses
 * by what its link has shown to carry.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ChildProgram } from '#sim/processes/child-program';
import { commandFor } from './board-binary.ts';
import { OpenHouse } from './open-house.ts';
import { compareSound, readRecording } from './recorded-sound.ts';

const READY_WITHIN_MS = 120_000;
const SECONDS_DEFAULT = '20';
const MS_PER_SECOND = 1_000;
const FRAMES_PER_SECOND = 48_000;
/** One step of 16 bits, in steps of 24. */
const STEP_16 = 256;

async function record(house: OpenHouse, folder: string, binary: string, arch: 'arm64' | 'x64', forMs: number) {
  const own = path.join(folder, arch);
  const wav = path.join(folder, `${arch}.wav`);
  const { command, args } = commandFor(path.resolve(binary), arch);
  const flags = ['--sink', `file:${wav}`, '--sample-bits', '24', '--quality', '24', '--cache-mb', '0', '--no-mdns'];
  const speaker = new ChildProgram(
    arch,
    command,
    [...args, 'speaker', '--data', own, '--name', arch, '--bridge', house.address, ...flags],
    { env: { PKG_NATIVE_CACHE_PATH: path.join(folder, 'addons') } },
  );
  const startedAt = performance.now();
  const { id } = await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS);
  await house.sees(String(id));
  console.log(`${arch}: seen by its bridge after ${Math.round(performance.now() - startedAt)} ms`);
  await house.play(String(id), forMs);
  await speaker.stop();
  const samples = readRecording(readFileSync(wav));
  console.log(
    `${arch}: ${(samples.length / 2 / FRAMES_PER_SECOND).toFixed(2)} s of sound, ended with ${speaker.exitCode}`,
  );
  return samples;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { track: { type: 'string' }, seconds: { type: 'string', default: SECONDS_DEFAULT } },
});
const [binary = '', arch, reference] = positionals;
if (arch !== 'arm64' && arch !== 'x64') throw new Error('usage: try-binary.ts BINARY arm64|x64 [REFERENCE]');
const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-try-binary-'));
const house = await OpenHouse.open(folder, values.track ?? null);
try {
  const forMs = Number(values.seconds) * MS_PER_SECOND;
  const tried = await record(house, folder, binary, arch, forMs);
  if (tried.length === 0) throw new Error('nothing was heard');
  if (reference !== undefined) {
    const difference = compareSound(
      tried,
      await record(house, folder, reference, process.arch === 'arm64' ? 'arm64' : 'x64', forMs),
    );
    const verdict =
      difference.differing === 0
        ? 'identical'
        : `up to ${(difference.largest / STEP_16).toFixed(3)} steps of 16 bits apart`;
    console.log(`${verdict}: ${JSON.stringify(difference)}`);
    process.exitCode = difference.largest <= STEP_16 ? 0 : 1;
  }
} finally {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
}
