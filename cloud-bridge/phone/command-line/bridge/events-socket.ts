/** The events socket itself: a WebSocket that notices when the other side has silently gone. */
import { WebSocket } from 'ws';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import { EVENTS_PATH, EVENTS_SUBPROTOCOL } from '#protocol/wire/versions';
import type { EventsDialer, EventsListener } from './events-client.ts';

const HANDSHAKE_MS = 5_000;
/** A bridge that answers no ping for this long is gone: twice, and a lost connection is seen within 20 s. */
const PING_EVERY_MS = ms(10_000);
const HANG_UP = 1000;
/** The limit of a message counts UTF-16 units; the socket counts bytes. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

/** @param accessToken what the bridge is shown; asked anew for each socket, since tokens are good for minutes */
export function createEventsDialer(
  bridgeUrl: string,
  clock: Pick<Clock, 'setTimer'>,
  accessToken: () => Promise<string | null> = async () => null,
): EventsDialer {
  const address = bridgeUrl.replace(/^http/, 'ws') + EVENTS_PATH;
  return (listener) => {
    let close: (() => void) | null = null;
    let isGivenUp = false;
    accessToken().then(
      (token) => {
        if (!isGivenUp) close = openSocket(address, clock, token, listener);
      },
      (thrown: unknown) => {
        if (!isGivenUp) listener.closed(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
    return () => {
      isGivenUp = true;
      close?.();
    };
  };
}

function openSocket(
  address: string,
  clock: Pick<Clock, 'setTimer'>,
  token: string | null,
  listener: EventsListener,
): () => void {
  const socket = new WebSocket(address, EVENTS_SUBPROTOCOL, {
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MESSAGE_LENGTH_MAX * UTF8_BYTES_PER_UNIT_MAX,
    perMessageDeflate: false,
    followRedirects: false,
  });
  let isOver = false;
  let problem: string | null = null;
  const stopPinging = keepPinging(socket, clock);
  socket.on('message', (data, isBinary) => {
    if (!isOver && !isBinary) listener.received(String(data));
  });
  socket.on('error', (error) => {
    problem = error.message;
  });
  socket.on('close', (code, reason) => {
    stopPinging();
    if (isOver) return;
    isOver = true;
    listener.closed(problem ?? (reason.length > 0 ? reason.toString() : `closed with code ${code}`));
  });
  return () => {
    isOver = true;
    stopPinging();
    if (socket.readyState === WebSocket.OPEN) socket.close(HANG_UP);
    else socket.terminate();
  };
}

/** @returns stops it */
function keepPinging(socket: WebSocket, clock: Pick<Clock, 'setTimer'>): () => void {
  let isAlive = true;
  let timer: Timer = clock.setTimer('events-ping', PING_EVERY_MS, tick);
  const heard = () => {
    isAlive = true;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  function tick(): void {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    timer = clock.setTimer('events-ping', PING_EVERY_MS, tick);
  }
  return () => timer.cancel();
}
