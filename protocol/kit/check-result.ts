/** What a doctor found, and how it is shown: one look for the house's and for the speaker's. */

/** One thing the doctor looked at. */
export interface CheckResult {
  readonly check: string;
  /** `warning`: works, but less well than it could. `skipped`: could not be looked at, and why. */
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly reason: string;
  /** What to do about it; null when nothing needs doing. */
  readonly fix: string | null;
}

export function fine(check: string, reason: string): CheckResult {
  return { check, result: 'ok', reason, fix: null };
}

export function warning(check: string, reason: string, fix: string): CheckResult {
  return { check, result: 'warning', reason, fix };
}

export function failed(check: string, reason: string, fix: string): CheckResult {
  return { check, result: 'failed', reason, fix };
}

export function skipped(check: string, reason: string): CheckResult {
  return { check, result: 'skipped', reason, fix: null };
}

/** What most people want of a doctor first: is anything the matter. */
export function isHealthy(results: readonly CheckResult[]): boolean {
  return results.every((it) => it.result === 'ok' || it.result === 'skipped');
}

/** How a screen writes it. */
export interface CheckLook {
  /** `quiet`: what stands beside. */
  paint(tone: CheckResult['result'] | 'quiet', text: string): string;
  /** Text from elsewhere, safe for this screen. */
  printable(text: string): string;
}

const WORDS = { ok: 'ok     ', warning: 'warning', failed: 'failed ', skipped: 'skipped' } as const;
/** The longest word, and two gaps of two. */
const BESIDE_CHECK = 11;

/** @returns a line for each, with what to do about it below, and how many want looking at */
export function renderChecks(results: readonly CheckResult[], { paint, printable }: CheckLook): string[] {
  const width = Math.max(...results.map((it) => it.check.length));
  const indent = ' '.repeat(width + BESIDE_CHECK);
  const troubles = results.filter((it) => it.result === 'failed' || it.result === 'warning').length;
  return [
    ...results.flatMap((it) => [
      `${printable(it.check).padEnd(width)}  ${paint(it.result, WORDS[it.result])}  ${printable(it.reason)}`,
      ...(it.fix === null ? [] : [`${indent}${paint('quiet', 'fix:')} ${printable(it.fix)}`]),
    ]),
    '',
    troubles === 0 ? 'All is well.' : `${troubles} ${troubles === 1 ? 'thing wants' : 'things want'} looking at.`,
  ];
}
