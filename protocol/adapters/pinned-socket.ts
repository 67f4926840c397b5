/**
 * TLS to a peer whose key is known beforehand: no names, dates or issuers are looked at, and nobody gets the socket
 * before the right key has answered, so that not a byte is sent to anybody else. Spec 4.8.
 *
 * `node:tls` is loaded when the first is wanted: a speaker's audio thread starts without it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TonearmError } from '#protocol/vocabulary/errors';

/** Peers whose last session is kept for a cheaper handshake: a bridge has a few addresses. */
const SESSIONS_MAX = 16;

export interface PinnedPeer {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of its SubjectPublicKeyInfo. */
  readonly pin: Uint8Array;
  /** Names to addresses; the system's way otherwise. */
  readonly lookup?: LookupFunction;
}

/** By peer and pin, the newest last. */
const sessions = new Map<string, Buffer>();
const verified = new WeakSet<TLSSocket>();

/** @returns a socket that is connecting; what is written to it before `whenVerified` has said yes would be sent to a stranger */
export function connectPinned(peer: PinnedPeer): TLSSocket {
  const tls = process.getBuiltinModule('node:tls');
  const key = keyOf(peer);
  const session = sessions.get(key);
  // The chain is judged by nobody; `secureConnect` below judges the key.
  const trust = { rejectUnauthorized: false, minVersion: 'TLSv1.3' } as const;
  const { host, port, pin, lookup } = peer;
  const how = { ...trust, ...(lookup === undefined ? {} : { lookup }), ...(session === undefined ? {} : { session }) };
  const socket = tls.connect({ host, port, ...how });
  socket.once('secureConnect', () => {
    // A session is taken up by who has its secret, and it is kept of who had the right key alone; no certificate comes then.
    if ((session !== undefined && socket.isSessionReused()) || isPinned(socket, pin)) {
      verified.add(socket);
      return;
    }
    sessions.delete(key);
    const message = `${host}:${port} answers with another key than the one that was pinned`;
    socket.destroy(new TonearmError('connect.identity-refused', message));
  });
  // Its tickets come after the handshake, so only of who has passed.
  socket.on('session', (ticket: Buffer) => {
    if (verified.has(socket)) keep(key, ticket);
  });
  return socket;
}

/** Whether the right key has answered. */
export function isVerified(socket: TLSSocket): boolean {
  return verified.has(socket);
}

/** @param done told once: null when the socket may be used, else why it never will */
export function whenVerified(socket: TLSSocket, done: (error: Error | null) => void): void {
  if (verified.has(socket)) {
    done(null);
    return;
  }
  const settle = (error: Error | null): void => {
    socket.off('secureConnect', secured);
    socket.off('error', settle);
    socket.off('close', closed);
    done(error);
  };
  // Listens after the judge above, which is the first.
  const secured = (): void => {
    if (verified.has(socket)) settle(null);
  };
  const closed = (): void => settle(new TonearmError('connect.unreachable', 'closed during the handshake'));
  socket.on('secureConnect', secured);
  socket.on('error', settle);
  socket.on('close', closed);
}

function isPinned(socket: TLSSocket, pin: Uint8Array): boolean {
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ format: 'der', type: 'spki' });
  if (spki === undefined) return false;
  const digest = createHash('sha256').update(spki).digest();
  return digest.length === pin.length && timingSafeEqual(digest, pin);
}

function keep(key: string, ticket: Buffer): void {
  sessions.delete(key);
  sessions.set(key, ticket);
  const [oldest] = sessions.keys();
  if (sessions.size > SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
}

function keyOf({ host, port, pin }: PinnedPeer): string {
  return `${host} ${port} ${Buffer.from(pin).toString('hex')}`;
}
