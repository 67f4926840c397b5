/**
 * What a speaker on this machine makes of two soft notes. It is the speaker's own test, in a process of its own: the house
 * never loads the speaker, and a broken native library can end the process it is loaded into.
 */
import { type CheckResult, failed, skipped } from '#protocol/kit/check-result';
import { SOUND_CHECK as CHECK, judgeSound, type SoundTestLine } from '#protocol/kit/judge-sound';
import { APPS } from '../run-app.ts';
import { runProgram } from './run-program.ts';

const FIX_DEVICE =
  '`aplay -l` and `pactl list short sinks` list devices; try one with `tonearm doctor --sink alsa:DEVICE`';
const FIX_ADDON = 'node firmware-scripts/bundle/build-addons.ts --force';

/** @param sink as in the speaker's `--sink`; null: what the speaker would choose */
export async function checkSound(platform: string, sink: string | null): Promise<CheckResult> {
  if (platform !== 'linux' && sink === null) return skipped(CHECK, `a speaker on ${platform} plays into files only`);
  const words = ['--test-sound', ...(sink === null ? [] : ['--sink', sink])];
  const { exitCode, stdout, stderr } = await runProgram(process.execPath, [APPS.speaker, ...words]);
  const line = readLine(stdout) ?? readLine(stderr);
  if (line !== null) return judgeSound(line, { device: FIX_DEVICE, addon: FIX_ADDON });
  const why = stderr.trim().split('\n').at(-1) ?? '';
  const ending = exitCode === null ? 'it was ended by a signal, or took too long' : `exit code ${exitCode}`;
  return failed(CHECK, `the test itself failed (${ending})${why === '' ? '' : `: ${why}`}`, FIX_ADDON);
}

function readLine(text: string): SoundTestLine | null {
  const line = text.split('\n').find((it) => it.startsWith('{"event":"speaker.sound-test"'));
  return line === undefined ? null : (JSON.parse(line) as SoundTestLine);
}
