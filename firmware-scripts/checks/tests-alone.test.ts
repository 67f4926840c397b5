import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TESTS_ALONE } from './tests-alone.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What a test says that listens, or that is found on the network of this machine. */
const NEEDS_QUIET = /private-pulseaudio|bonjour-discovery'|hasMdns: true/;

const processTests = globSync('{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.process.test.ts', {
  cwd: ROOT,
});

it('names only tests that there are, each once', () => {
  expect(TESTS_ALONE.filter((path) => !processTests.includes(path))).toEqual([]);
  expect(new Set(TESTS_ALONE).size).toBe(TESTS_ALONE.length);
});

it('names every test that listens or is found on the network', () => {
  const needing = processTests.filter((path) => NEEDS_QUIET.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(needing.length).toBeGreaterThan(10);
  expect(needing.filter((path) => !TESTS_ALONE.includes(path))).toEqual([]);
});
