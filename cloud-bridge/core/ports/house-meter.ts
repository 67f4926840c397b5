/**
 * Who counts what happens in the relay and at its doors. Whoever tells is never held up and never fails by it: each call
 * returns at once and throws nothing. The counting one is `services/metrics/house-counts.ts`.
 */
import type { ErrorCode } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Ms } from '#protocol/vocabulary/units';
import type { PhoneRequest } from './household.ts';

/** Whose sockets are counted. */
export type SocketKind = 'speaker' | 'phone';

export interface HouseMeter {
  socketOpened(kind: SocketKind): void;
  /** Exactly once for each that was opened. */
  socketClosed(kind: SocketKind): void;
  /** A speaker was welcomed; again, when it had been here before. */
  speakerConnected(id: SpeakerId): void;
  /** @param closeCode as the socket said it, of whichever side (spec section 3.4); 1006: none */
  speakerDisconnected(id: SpeakerId, closeCode: number): void;
  /** @param code null: done */
  requestAnswered(kind: PhoneRequest['kind'], code: ErrorCode | null, took: Ms): void;
  pairingRefused(code: ErrorCode): void;
}

/** For worlds in which nobody counts. */
export const SILENT_METER: HouseMeter = {
  socketOpened: () => undefined,
  socketClosed: () => undefined,
  speakerConnected: () => undefined,
  speakerDisconnected: () => undefined,
  requestAnswered: () => undefined,
  pairingRefused: () => undefined,
};
