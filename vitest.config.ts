/** Unit, compliance and scenario tests stand beside the code; real-process tests are under simulators/scenarios/real. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{protocol,device,cloud-bridge,firmware-scripts,simulators}/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
