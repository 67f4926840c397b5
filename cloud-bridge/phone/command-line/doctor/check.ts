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
