/**
 * A message link between two processes: the Connect socket, whatever carries it.
 *
 * Ordering: messages arrive in the order they were sent, whole, at most once; a loss is a close.
 * Listeners are set before the first message can arrive (in the same turn in which the link is handed over).
 * After `close` (from either side) `closed` is called exactly once, nothing more arrives, and `send` returns false.
 */

import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

export interface TransportLink {
  /** Queues one text message. False when the link is closed or its send queue is full: the message is not sent. */
  send(text: string): boolean;
  /** Bytes accepted by `send` that have not left the process yet. */
  queuedBytes(): number;
  close(code: CloseCode, reason: string): void;
  listen(listener: TransportListener): void;
}

/** What happens on a link, told in the order in which it happened. */
export interface TransportListener {
  received(text: string): void;
  closed(code: number, reason: string): void;
}

/** Dials a bridge. One attempt; trying again is policy and lives with the caller. */
export interface TransportDialer {
  /**
   * @param pin SHA-256 of the SubjectPublicKeyInfo of the certificate that must answer; nothing is sent to anybody else
   *   (`connect.identity-refused`). Only for `wss://` addresses, whose certificate is then judged by nothing else.
   */
  dial(address: string, pin?: Uint8Array): DialAttempt;
}

export interface DialAttempt {
  /** Settles once: with an open link, or with why there is none (`connect.unreachable`, `connect.version-refused`,
   * `connect.identity-refused`). */
  readonly outcome: Promise<Result<TransportLink, TonearmError>>;
  /** Gives up; the outcome settles as refused. */
  cancel(): void;
}

/** WebSocket close codes in use (spec section 3.4). */
export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  tooLarge: 1009,
  internal: 1011,
  tryLater: 1013,
  invalidMessage: 4000,
  helloTimedOut: 4001,
  versionRefused: 4002,
  heartbeatLost: 4003,
  replaced: 4004,
  slowReader: 4005,
  identityRefused: 4006,
  accessEnded: 4007,
} as const;

/** One of `CLOSE_CODES`. A code that comes in may be any number: proxies have their own. */
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
