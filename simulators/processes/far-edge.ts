/**
 * A far edge: a program that passes TCP connections on to a server near by, as if it were behind a path of a certain
 * round trip and rate. Told what to be by lines of JSON on stdin; prints what passes, with its time.
 *
 * `node far-edge.ts LISTEN_PORT TARGET_PORT '{"roundTripMs":40,"bytesPerSecond":500000,"scope":"music"}'`
 *
 * The rate is that of the whole path: packets of all connections take turns. A connection's first byte goes out no sooner
 * than a round trip after it was opened, as a handshake has it. There is no slow start and no loss, for nobody.
 * With the scope `music` only exchanges about files and heads are far, and what else is asked of the same address (the
 * Connect socket, manifests) is near: a bridge at home whose music comes from elsewhere.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { CLEAR_PATH } from '#sim/proxy/conditions';
import { ShapedPath } from '#sim/proxy/shaped-path';
import { FarConnection } from './far-edge/far-connection.ts';
import { type FarEdgeSettings, parseFarEdgeSettings } from './far-edge/far-edge-settings.ts';

const [listenPort = '0', targetPort = '0', first = '{}'] = process.argv.slice(2);
let settings: FarEdgeSettings = parseFarEdgeSettings({}, JSON.parse(first));
const pathPorts = { clock: createSystemClock(), random: createSystemRandom() };
const [up, down] = [new ShapedPath(pathPorts), new ShapedPath(pathPorts)];
shape();
const open = new Set<FarConnection>();

const print = (line: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

// Half-open, as its end may come before what was asked for.
const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const connection = new FarConnection(client, Number(targetPort), { up, down, settings: () => settings, print });
  open.add(connection);
  client.once('close', () => open.delete(connection));
});
server.listen(Number(listenPort), '127.0.0.1', () => print({ event: 'far-edge.ready' }));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { serial, ...told } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  if (told['reset'] === true) {
    const cut = [...open].filter((connection) => connection.cutIfBusy()).length;
    print({ event: 'far-edge.reset', serial, cut });
    return;
  }
  settings = parseFarEdgeSettings(settings, told);
  shape();
  if (settings.isGone) for (const connection of open) connection.cutIfFar();
  print({ event: 'far-edge.set', serial, ...settings });
});

function shape(): void {
  const { roundTripMs, bytesPerSecond } = settings;
  const far = { ...CLEAR_PATH, delayMs: roundTripMs / 2 };
  up.set(far);
  down.set({ ...far, kbps: bytesPerSecond === 0 ? null : (bytesPerSecond * 8) / 1_000 });
}
