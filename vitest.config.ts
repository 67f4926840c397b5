/**
 * Tests stand beside the code. Those that run programs as processes and listen to them in real time come after the others and one
 * at a time: beside a compiler on the same two cores they would measure the compiler.
 */
import { defineConfig } from 'vitest/config';

const EVERY_TEST = '{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.test.ts';
const REAL_PROCESSES = [
  'simulators/scenarios/real-*.test.ts',
  'simulators/household/*.test.ts',
  'cloud-bridge/app/ingest-killed.test.ts',
  'cloud-bridge/phone/command-line/main.test.ts',
  'cloud-bridge/phone/web/page.test.ts',
  'firmware-scripts/bundle/bundle.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: 'quick', include: [EVERY_TEST], exclude: REAL_PROCESSES, sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: 'real', include: REAL_PROCESSES, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
