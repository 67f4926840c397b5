/**
 * The edge as a process: hands it its flags and environment. The only file of the edge that knows it is one.
 */
import { hostname } from 'node:os';
import { homeFolder } from '#protocol/adapters/home-folder';
import { runProgram } from '#protocol/adapters/program';
import { composeEdge } from '../compose-edge.ts';
import { EDGE_USAGE, parseEdgeConfig } from '../edge-config.ts';
import { readVersion } from '../version.ts';

const version = readVersion();

await runProgram(
  process,
  {
    name: 'edge',
    label: 'tonearm edge',
    usage: EDGE_USAGE,
    version,
    start: async (config, logger) => {
      const edge = await composeEdge(config, { logger, version });
      return {
        ready: { url: edge.url, port: edge.port, origin: config.origin, name: config.name },
        stop: () => edge.stop(),
      };
    },
  },
  parseEdgeConfig(process.argv.slice(2), { env: process.env, hostname: hostname(), homeFolder: homeFolder() }),
);
