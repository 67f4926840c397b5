/**
 * `npm test`: installs what is missing and runs every check and test, all of them even when one fails, so that one run tells
 * everything. Its last line is the sum. Words after `--` go to vitest (`npm test -- device/core`).
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { countTests } from './count-tests.mjs';
import { PROJECT_ROOT, runScript } from './project.mjs';

const REPORT_FOLDER = join(PROJECT_ROOT, '.build', 'test');
const UNIT_REPORT = join(REPORT_FOLDER, 'unit.json');
const WALLS_REPORT = join(REPORT_FOLDER, 'walls.json');
/** Compiled code of the programs that tests start (see vitest.config.ts); what they were copied to is in it too, each time anew. */
const CODE_FOLDER = join(REPORT_FOLDER, 'code');

process.chdir(PROJECT_ROOT);
if (await bootstrap({ purpose: 'test' })) {
  const { passed, failed } = await runAll();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

/** @returns {Promise<{ passed: number, failed: number }>} */
async function runAll() {
  mkdirSync(REPORT_FOLDER, { recursive: true });
  const parts = [
    await runCheck('types', 'node_modules/typescript/bin/tsc', ['-b']),
    await runCheck('lint and format', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
    await runWalls(),
    await runUnitTests(process.argv.slice(2)),
  ];
  return {
    passed: parts.reduce((sum, part) => sum + part.passed, 0),
    failed: parts.reduce((sum, part) => sum + part.failed, 0),
  };
}

/**
 * @param {string} title
 * @param {string} script
 * @param {readonly string[]} args
 */
async function runCheck(title, script, args) {
  console.log(`\n== ${title}`);
  const code = await runScript(script, args);
  console.log(code === 0 ? `${title}: passed` : `${title}: failed`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runWalls() {
  console.log('\n== walls');
  rmSync(WALLS_REPORT, { force: true });
  await runScript('firmware-scripts/checks/walls.ts', ['--json', WALLS_REPORT]);
  const report = readJson(WALLS_REPORT);
  return report === null ? { passed: 0, failed: 1 } : { passed: report.kept, failed: report.broken };
}

/** @param {readonly string[]} filters */
async function runUnitTests(filters) {
  console.log('\n== tests');
  rmSync(UNIT_REPORT, { force: true });
  rmSync(CODE_FOLDER, { recursive: true, force: true });
  const code = await runScript('node_modules/vitest/vitest.mjs', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${UNIT_REPORT}`,
    ...filters,
  ]);
  const tally = countTests(readJson(UNIT_REPORT), code);
  if (tally.skipped > 0) console.log(`tests: ${tally.skipped} skipped, counted neither as passed nor as failed`);
  return tally;
}

/** @param {string} path @returns what is in it, null when it is not there or not JSON */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
