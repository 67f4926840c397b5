/**
 * What a speaker on this machine makes of two soft notes. It is the speaker's own test, in a process of its own: the house
 * never loads the speaker, and a broken native library can end the process it is loaded into.
 */
import { APPS } from '../run-app.ts';
import { type CheckResult, failed, fine, skipped } from './check.ts';
import { runProgram } from './run-program.ts';

/** What `--test-sound` prints, in the words of the speaker's device/app/compose-sound-test.ts. */
export interface SoundTestLine {
  readonly verdict: string;
  readonly sink: string;
  readonly problem: string | null;
  readonly openMs: number;
  readonly rateHz: number | null;
  readonly sampleBits: number | null;
  readonly bufferMs: number | null;
  readonly canRewind: boolean | null;
  readonly speed: number | null;
  readonly underruns: number;
}

const CHECK = 'sound test';
const FIX_DEVICE =
  '`aplay -l` and `pactl list short sinks` list devices; try one with `tonearm doctor --sink alsa:DEVICE`';
const FIX_ADDON = 'node firmware-scripts/bundle/build-addons.ts --force';
const PERCENT = 100;

/** @param sink as in the speaker's `--sink`; null: what the speaker would choose */
export async function checkSound(platform: string, sink: string | null): Promise<CheckResult> {
  if (platform !== 'linux' && sink === null) return skipped(CHECK, `a speaker on ${platform} plays into files only`);
  const words = ['--test-sound', ...(sink === null ? [] : ['--sink', sink])];
  const { exitCode, stdout, stderr } = await runProgram(process.execPath, [APPS.speaker, ...words]);
  const line = readLine(stdout) ?? readLine(stderr);
  if (line !== null) return judgeSound(line);
  const why = stderr.trim().split('\n').at(-1) ?? '';
  const ending = exitCode === null ? 'it was ended by a signal, or took too long' : `exit code ${exitCode}`;
  return failed(CHECK, `the test itself failed (${ending})${why === '' ? '' : `: ${why}`}`, FIX_ADDON);
}

/** What is said of a test's outcome, and what to do about it. */
export function judgeSound(line: SoundTestLine): CheckResult {
  const problem = line.problem ?? 'no reason given';
  switch (line.verdict) {
    case 'plays':
      return fine(
        CHECK,
        `${line.sink} played two notes${line.sink.startsWith('file') ? '' : ' (heard them?)'}: ${granted(line)}`,
      );
    case 'silent':
      if (/busy/i.test(problem)) return fine(CHECK, `in use, by a speaker as it should be: ${problem}`);
      return failed(CHECK, `nobody hears ${line.sink}: ${problem}`, /addon/.test(problem) ? FIX_ADDON : FIX_DEVICE);
    case 'does-not-open':
      if (/busy/i.test(problem)) return fine(CHECK, `in use, by a speaker as it should be: ${problem}`);
      return failed(CHECK, problem, FIX_DEVICE);
    case 'does-not-move':
      return failed(CHECK, `${line.sink} opens, and ${movement(line.speed)}: ${granted(line)}`, FIX_DEVICE);
    default:
      return failed(CHECK, `${line.sink} went away while it played: ${problem}`, FIX_DEVICE);
  }
}

function movement(speed: number | null): string {
  if (speed === null || speed > 2) return 'swallows sound at once: a silent null device';
  if (speed === 0) return 'stands still: nothing is heard';
  return `plays at ${Math.round(speed * PERCENT)} % of its speed`;
}

function granted(line: SoundTestLine): string {
  const change = line.canRewind === true ? 'changes are heard at once' : 'changes are heard after the buffer';
  return [
    `${line.rateHz} Hz, ${line.sampleBits} bits`,
    `${line.bufferMs} ms of buffer, ${change}`,
    `opened in ${line.openMs} ms`,
    line.underruns === 0 ? 'no underruns' : `${line.underruns} underruns`,
  ].join('; ');
}

function readLine(text: string): SoundTestLine | null {
  const line = text.split('\n').find((it) => it.startsWith('{"event":"speaker.sound-test"'));
  return line === undefined ? null : (JSON.parse(line) as SoundTestLine);
}
