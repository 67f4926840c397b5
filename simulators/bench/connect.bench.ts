/** The relay under a crowd: how soon a command is answered, what a socket costs, and how all of them come back. */
import type { Bench } from './bench.ts';
import { measureAddressChangeRow } from './connect/address-change-row.ts';
import { measureBridgeKilledRow } from './connect/bridge-killed-row.ts';
import { measureHandOverRow } from './connect/hand-over-row.ts';
import { measureLatency } from './connect/latency.ts';
import { measureMassReturn } from './connect/mass-return.ts';
import { measureMemory } from './connect/memory.ts';
import { type Rows, runRows } from './run-rows.ts';

const ROWS: Rows = {
  latency: measureLatency,
  memory: measureMemory,
  return: measureMassReturn,
  'hand-over': measureHandOverRow,
  'bridge-killed': measureBridgeKilledRow,
  'address-change': measureAddressChangeRow,
};

export const connectBench: Bench = {
  name: 'connect',
  about: `ten thousand speakers: latency, memory a socket, a mass return; recorded: a hand-over, a killed bridge, another address (rows: ${Object.keys(ROWS).join(', ')})`,
  run: (options) => runRows(ROWS, options),
};
