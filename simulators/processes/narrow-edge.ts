/**
 * An edge to be killed: a program of its own that passes connections on to a bridge's content door, no faster than a
 * modest line, and prints when it began to answer a request for music. Knows of HTTP only where a request begins.
 *
 * `node narrow-edge.ts LISTEN_PORT TARGET_PORT BYTES_PER_SECOND`
 */
import { connect, createServer, type Socket } from 'node:net';

const [listenPort = 0, targetPort = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);
/** A file or a head; what else is asked for (health) is passed on and not told. */
const MUSIC_REQUEST = /^GET \/content\/v1\/(files|heads)\//;
/** Told with each event, so that another process can compare it with its own clock. */
const now = () => performance.timeOrigin + performance.now();

createServer((speaker) => {
  const bridge = connect(targetPort, '127.0.0.1');
  let isMusicAwaited = false;
  speaker.on('data', (data: Buffer) => {
    isMusicAwaited ||= MUSIC_REQUEST.test(data.toString('latin1'));
    bridge.write(data);
  });
  bridge.on('data', (data: Buffer) => {
    if (isMusicAwaited) print({ event: 'edge.answering', atMs: now() });
    isMusicAwaited = false;
    speaker.write(data);
    bridge.pause();
    setTimeout(() => bridge.resume(), (data.length * 1000) / bytesPerSecond);
  });
  endTogether(speaker, bridge);
  endTogether(bridge, speaker);
}).listen(listenPort, '127.0.0.1', () => print({ event: 'edge.ready' }));

function endTogether(one: Socket, other: Socket): void {
  one.on('close', () => other.destroy());
  one.on('error', () => other.destroy());
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
