/**
 * A socket that was let in stays open for days, a token is good for minutes: whoever it was let in for is asked for again
 * when the access ends by itself, and whenever anybody's has been ended. A socket whose caller may not be there any more, or
 * is another (with another role), is closed; a client that still has access comes back with it.
 */
import type { WebSocket } from 'ws';
import type { Caller, CallerCheck, Credentials } from '#bridge/core/ports/callers';
import type { Clock, Timer } from '#protocol/ports/clock';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';

/** Calendars are set while a socket is open, and timers do not reach months: it is looked again at least so often. */
const LOOK_EVERY_MS = 60 * 60 * 1_000;

export interface KeepAskingPorts {
  readonly clock: Pick<Clock, 'wallMs' | 'setTimer'>;
  readonly callers: CallerCheck;
}

/** Ends with the socket. */
export function keepAsking(ports: KeepAskingPorts, socket: WebSocket, by: Credentials, caller: Caller): void {
  const { clock, callers } = ports;
  if (caller.expiresAtMs === null && callers.onEnded === undefined) return;
  let timer: Timer | null = null;
  const ask = () => {
    void callers.identify(by).then((now) => {
      if (socket.readyState !== socket.OPEN) return;
      const isSame = now.ok && now.value.accountId === caller.accountId && now.value.role === caller.role;
      if (!isSame) socket.close(CLOSE_CODES.accessEnded, 'sign in again');
    });
  };
  const arm = () => {
    const leftMs = (caller.expiresAtMs ?? Number.POSITIVE_INFINITY) - clock.wallMs();
    timer = clock.setTimer('access-of-socket', ms(Math.min(Math.max(0, leftMs), LOOK_EVERY_MS)), () => {
      ask();
      if (socket.readyState === socket.OPEN && leftMs > LOOK_EVERY_MS) arm();
    });
  };
  arm();
  const stopListening = callers.onEnded?.(ask);
  socket.once('close', () => {
    timer?.cancel();
    stopListening?.();
  });
}
