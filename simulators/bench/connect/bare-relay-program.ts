/**
 * What a relay would cost that does nothing but relay: `ws`, two maps, no check of anything. The floor under our figures.
 * Prints `relay.ready` with its port; ends with its stdin.
 */
import { type WebSocket, WebSocketServer } from 'ws';

const speakers = new Map<string, WebSocket>();
const phones = new Map<string, WebSocket>();

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 4_096 });
server.on('connection', (socket, request) => {
  const [, kind = '', name = ''] = (request.url ?? '').split('/');
  const [own, others] = kind === 'speaker' ? [speakers, phones] : [phones, speakers];
  own.set(name, socket);
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    others.get(message.to)?.send(JSON.stringify(message));
  });
});
server.on('listening', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  console.log(JSON.stringify({ event: 'relay.ready', port }));
});
process.stdin.resume().on('end', () => process.exit(0));
