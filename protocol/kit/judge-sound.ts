/** What is said of a speaker's two soft notes, by the house's doctor and by the speaker's own. */
import { type CheckResult, failed, fine } from './check-result.ts';

/** What whoever judges a sound test needs of what `--test-sound` prints. */
export interface SoundTestLine {
  readonly verdict: string;
  /** As opened: `auto` says what it chose. */
  readonly sink: string;
  /** In words; null when there is nothing to say. */
  readonly problem: string | null;
  readonly openMs: number;
  readonly rateHz: number | null;
  readonly sampleBits: number | null;
  readonly bufferMs: number | null;
  readonly canRewind: boolean | null;
  /** Heard per second of real time; 1 is right. */
  readonly speed: number | null;
  readonly underruns: number;
}

/** What to do, by whoever asks. */
export interface SoundFixes {
  /** To find another device. */
  readonly device: string;
  /** To have its addons. */
  readonly addon: string;
}

/** What the check is called. */
export const SOUND_CHECK = 'sound test';
const PERCENT = 100;

/** What is said of a test's outcome, and what to do about it. */
export function judgeSound(line: SoundTestLine, fixes: SoundFixes): CheckResult {
  const problem = line.problem ?? 'no reason given';
  switch (line.verdict) {
    case 'plays':
      return fine(
        SOUND_CHECK,
        `${line.sink} played two notes${line.sink.startsWith('file') ? '' : ' (heard them?)'}: ${granted(line)}`,
      );
    case 'silent':
      if (/busy/i.test(problem)) return fine(SOUND_CHECK, `in use, by a speaker as it should be: ${problem}`);
      return failed(
        SOUND_CHECK,
        `nobody hears ${line.sink}: ${problem}`,
        /addon/.test(problem) ? fixes.addon : fixes.device,
      );
    case 'does-not-open':
      if (/busy/i.test(problem)) return fine(SOUND_CHECK, `in use, by a speaker as it should be: ${problem}`);
      return failed(SOUND_CHECK, problem, fixes.device);
    case 'does-not-move':
      return failed(SOUND_CHECK, `${line.sink} opens, and ${movement(line.speed)}: ${granted(line)}`, fixes.device);
    default:
      return failed(SOUND_CHECK, `${line.sink} went away while it played: ${problem}`, fixes.device);
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
