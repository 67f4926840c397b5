/** The small doors that speakers have on the local network: who they are, and the questions of pairing. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';

/** A speaker's door on the network: `host:port`, an IPv6 address in brackets. */
export type DoorAddress = string;

export interface SpeakerDoors {
  /** What `GET /v1/info` says, unchecked; refused with `connect.unreachable` within some seconds. */
  info(address: DoorAddress): Promise<Result<unknown, TonearmError>>;
  /**
   * Asks one of pairing's questions. Refused with the code that the speaker gave, `connect.unreachable` when it did not
   * answer, or `fetch.unexpected-answer`.
   * @returns what it answered, unchecked, at most `PAIRING_BODY_BYTES_MAX`
   */
  ask(address: DoorAddress, path: string, body: object): Promise<Result<unknown, TonearmError>>;
}
