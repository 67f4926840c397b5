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
import { FarConnection } from './far-edge/far-connection.ts';
import { type FarEdgeSettings, parseFarEdgeSettings } from './far-edge/far-edge-settings.ts';
import { FarPath } from './far-edge/far-path.ts';

const [listenPort = '0', targetPort = '0', first = '{}'] = process.argv.slice(2);
let settings: FarEdgeSettings = parseFarEdgeSettings({}, JSON.parse(first));
const path = new FarPath(() => settings);
const open = new Set<FarConnection>();

const print = (line: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

// Half-open, as its end may come before what was asked for.
const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const connection = new FarConnection(client, Number(targetPort), { path, settings: () => settings, print });
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
  if (settings.isGone) for (const connection of open) connection.cutIfFar();
  print({ event: 'far-edge.set', serial, ...settings });
});
