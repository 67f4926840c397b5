/**
 * Tests stand beside the code. Those that run programs or listen in real time are named `*.process.test.ts`; they come after
 * the others: first those that mostly wait, two at a time; then, one at a time, what listens and measures, which beside a
 * compiler on the same two cores would measure the compiler.
 */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TESTS_ALONE } from './firmware-scripts/checks/tests-alone.ts';

const EVERY_TEST = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.test.ts';
const PROCESS_TESTS = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.process.test.ts';
/** By itself vitest would leave one of two cores idle. */
const ALL_CORES = '100%';
/** The programs that are started, hundreds of times, find their code compiled: that is half of what a start costs. */
const STARTED_PROGRAMS = { NODE_COMPILE_CACHE: join(import.meta.dirname, '.build', 'test', 'code') };

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: [EVERY_TEST],
          exclude: [PROCESS_TESTS],
          maxWorkers: ALL_CORES,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unheard',
          include: [PROCESS_TESTS],
          exclude: [...TESTS_ALONE],
          env: STARTED_PROGRAMS,
          // Beside another that works as hard.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: [...TESTS_ALONE],
          env: STARTED_PROGRAMS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
