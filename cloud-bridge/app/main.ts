/**
 * The bridge as a process: hands it its flags and environment. The only file of the bridge that knows it is one.
 */
import { hostname } from 'node:os';
import { homeFolder } from '#protocol/adapters/home-folder';
import { runProgram } from '#protocol/adapters/program';
import { composeBridge } from './compose.ts';
import { parseConfig, USAGE } from './config.ts';
import { readVersion } from './version.ts';

const version = readVersion();

await runProgram(
  process,
  {
    name: 'bridge',
    label: 'tonearm bridge',
    usage: USAGE,
    version,
    start: async (config, logger) => {
      const bridge = await composeBridge(config, { logger, version });
      return {
        ready: { url: bridge.url, port: bridge.port },
        begin: () => bridge.beginIngest(),
        ...(bridge.recordFlight === null ? {} : { recordFlight: bridge.recordFlight }),
        stop: () => bridge.stop(),
      };
    },
  },
  parseConfig(process.argv.slice(2), { env: process.env, hostname: hostname(), homeFolder: homeFolder() }),
);
