/**
 * Tests stand beside the code. Those that run programs or listen in real time are named `*.process.test.ts`; they come after the
 * others and one at a time: beside a compiler on the same two cores they would measure the compiler.
 */
import { defineConfig } from 'vitest/config';

const EVERY_TEST = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.test.ts';
const PROCESS_TESTS = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.process.test.ts';

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
        test: { name: 'process', include: [PROCESS_TESTS], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
