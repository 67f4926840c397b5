/**
 * The relay as its doors see it: speakers and phones come in as links, requests as values.
 * `createHousehold` in `relay/` is the one implementation; simulations run the same.
 */

import type { TransportLink } from '#protocol/ports/transport';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, CommandId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView, SpeakerView } from '#protocol/wire/household';
import type { RepeatMode, SessionState } from '#protocol/wire/playback-state';

/** What a phone may want. `speakerId` null means the active speaker. */
export type PhoneRequest =
  | {
      readonly kind: 'play';
      readonly speakerId: SpeakerId | null;
      readonly contextUri: string | null;
      readonly trackIds: readonly TrackId[];
      readonly index: number;
      readonly positionMs: Ms;
    }
  | { readonly kind: 'resume' | 'pause' | 'next' | 'previous'; readonly speakerId: SpeakerId | null }
  | { readonly kind: 'seek'; readonly speakerId: SpeakerId | null; readonly positionMs: Ms }
  | { readonly kind: 'setVolume'; readonly speakerId: SpeakerId | null; readonly volume: number }
  | { readonly kind: 'setShuffle'; readonly speakerId: SpeakerId | null; readonly isOn: boolean }
  | { readonly kind: 'setRepeat'; readonly speakerId: SpeakerId | null; readonly mode: RepeatMode }
  | { readonly kind: 'enqueue'; readonly speakerId: SpeakerId | null; readonly trackId: TrackId }
  | {
      readonly kind: 'queueAdd';
      readonly speakerId: SpeakerId | null;
      readonly trackIds: readonly TrackId[];
      readonly isNext: boolean;
    }
  | { readonly kind: 'queueRemove'; readonly speakerId: SpeakerId | null; readonly uids: readonly string[] }
  | {
      readonly kind: 'queueMove';
      readonly speakerId: SpeakerId | null;
      readonly uid: string;
      readonly after: string | null;
    }
  | { readonly kind: 'queueClear'; readonly speakerId: SpeakerId | null }
  /** Hand the session over. `isPlaying` undefined keeps what it does now. */
  | { readonly kind: 'transfer'; readonly speakerId: SpeakerId; readonly isPlaying: boolean | undefined };

export interface RequestOptions {
  /** The same id again gets the first answer again, and is not performed twice. */
  readonly commandId: CommandId;
  /** Whose session is meant. */
  readonly accountId: AccountId;
  /** Of that person, for those whose speaker is taken; absent: the account's id is shown. */
  readonly accountName?: string;
  /** When the phone stops caring; refused with `session.deadline-passed` then. */
  readonly deadline: Ms;
}

/** One entry of the listening history. */
export interface PlayedTrack {
  readonly trackId: TrackId;
  /** Milliseconds since 1970 when it began. */
  readonly playedAtMs: number;
  readonly contextUri: string | null;
}

/** The house as it is now, for whoever watches it: all of it, where phones are shown a part. */
export interface HouseFacts {
  readonly speakers: readonly SpeakerView[];
  /** What each session does. */
  readonly playbacks: readonly SessionView['playback'][];
}

export interface Household {
  /** A speaker's Connect socket, fresh: its first message must be `hello`. @param how `takesChallenge`: it has offered that */
  acceptSpeaker(link: TransportLink, how?: { readonly takesChallenge?: boolean }): void;
  /** It is not of this house any more: told so and sent away if it is connected, and shown to phones no longer. @returns false when nobody knew it */
  forgetSpeaker(id: SpeakerId): boolean;
  /** What people call it from now on. */
  renameSpeaker(id: SpeakerId, name: string): void;
  /** Tells those that take updates that there is one to look at; who is away asks by itself when it comes. */
  offerUpdate(version: string): void;
  /** A phone's event socket: gets a snapshot now and differences after; what it sends is refused. */
  acceptPhone(link: TransportLink, accountId: AccountId): void;
  /** Resolves when the speaker has answered (or, for `transfer`, when it is complete). */
  request(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>>;
  /** What a phone shows, the likeliest first: a hint for the speaker, without an answer. */
  showing(accountId: AccountId, trackIds: readonly TrackId[]): void;
  facts(): HouseFacts;
  /** The household as this account sees it: all speakers, its own session. */
  view(accountId: AccountId): HouseholdSnapshot;
  /** The whole session for doors that show queues; null before anything was ever played. */
  session(accountId: AccountId): SessionState | null;
  /** What was played last, newest first; bounded, and kept. */
  recentlyPlayed(accountId: AccountId): readonly PlayedTrack[];
  /** Tells every link to go and come back, then closes them; settles every request that waits. */
  stop(): Promise<void>;
}
