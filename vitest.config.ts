/**
 * Tests stand beside the code. Those that run programs or listen in real time are named `*.process.test.ts`; they come after
 * the others: first those of programs that nobody listens to, two at a time, since they mostly wait; then, one at a time,
 * what plays, hears and measures, which beside a compiler on the same two cores would measure the compiler.
 */
import { defineConfig } from 'vitest/config';

const EVERY_TEST = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.test.ts';
const PROCESS_TESTS = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.process.test.ts';
const UNHEARD_TESTS = '{cloud-bridge,firmware-scripts}/**/*.process.test.ts';

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: 'quick', include: [EVERY_TEST], exclude: [PROCESS_TESTS], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'unheard', include: [UNHEARD_TESTS], maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: [PROCESS_TESTS],
          exclude: [UNHEARD_TESTS],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
