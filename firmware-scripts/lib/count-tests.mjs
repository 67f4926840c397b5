/**
 * What vitest's JSON report adds up to. A test file that could not be loaded has no tests to count, and a report that is
 * not there counts nothing: both must come out as failures, or an empty run would pass.
 */

/**
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} FileReport
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/**
 * @param {{ testResults?: readonly FileReport[] } | null} report null when vitest left none
 * @param {number} exitCode of vitest
 * @returns {Tally} `failed` is never 0 when vitest failed: errors outside of any test only show in its exit code
 */
export function countTests(report, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') tally.failed += 1;
      else tally.skipped += 1;
    }
    const hasFailedTest = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) tally.failed += 1;
  }
  if (tally.failed === 0 && (exitCode !== 0 || tally.passed === 0)) tally.failed = 1;
  return tally;
}
