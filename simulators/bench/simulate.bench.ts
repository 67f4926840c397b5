/** The simulators: how fast a house lives in virtual time, how many speakers a process is, how true the proxy is. */
import type { Bench } from './bench.ts';
import { type Rows, runRows } from './run-rows.ts';
import { measureCrowdRows } from './simulate/crowd-rows.ts';
import { measureProxyRows } from './simulate/proxy-rows.ts';
import { measureSameSeed, measureWorldRows } from './simulate/world-rows.ts';

const ROWS: Rows = {
  world: measureWorldRows,
  'same-seed': measureSameSeed,
  speakers: measureCrowdRows,
  proxy: measureProxyRows,
};

export const simulateBench: Bench = {
  name: 'simulate',
  about: `the simulators: a house in virtual time, crowds on real sockets, the proxy (rows: ${Object.keys(ROWS).join(', ')})`,
  run: (options) => runRows(ROWS, options),
};
