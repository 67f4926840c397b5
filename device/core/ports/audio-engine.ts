/**
 * The audio plane as the player sees it. In a speaker it lives in a worker thread, in a simulation in the same one;
 * either way calls only queue an intent and events come later, so that a stall on this side is never heard.
 *
 * Every load and seek gives a new generation, greater than any before. Events carry the generation they belong to and
 * those of an old one are dropped by the receiver. The track armed by `setNext` becomes current without a gap, in the
 * same generation, and `advanced` says so.
 */
import type { ErrorBody } from '#protocol/vocabulary/errors';
import type { SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { Frames, Ms, Percent, Us } from '#protocol/vocabulary/units';

export type EngineIntent =
  /** Replace everything by this track. The old one sounds until the new one can. */
  | {
      readonly kind: 'load';
      readonly generation: number;
      readonly trackId: TrackId;
      readonly startFrames: Frames;
      readonly isPlaying: boolean;
    }
  /** Within the current track. */
  | { readonly kind: 'seek'; readonly generation: number; readonly positionFrames: Frames }
  /** What follows the current track, null for nothing. Replaces what was armed before; dropped if `generation` is not current. */
  | { readonly kind: 'setNext'; readonly generation: number; readonly trackId: TrackId | null }
  /** Without `startAt` from where it stands, at once; cancels a start that is still to come, and a pause. */
  | { readonly kind: 'play'; readonly startAt?: StartInstant }
  /** With `atUs`, on the engine's clock: the loudspeaker falls silent then, and not before. Once that has passed: at once. */
  | { readonly kind: 'pause'; readonly atUs?: Us }
  | { readonly kind: 'setVolume'; readonly volume: Percent }
  /** Tracks that may be asked for soon, likeliest first; replaces those hinted at for the same reason. Never urgent, may be ignored. */
  | { readonly kind: 'setHints'; readonly reason: HintReason; readonly trackIds: readonly TrackId[] }
  /** Where the bridge's HTTP door is (`http://host:port`, no slash at the end), after each welcome; null while none is known. */
  | {
      readonly kind: 'setBridge';
      readonly url: string | null;
      /** Who this is, for the requests that go there. */
      readonly speakerId?: SpeakerId;
      /** SHA-256 of the public key (SubjectPublicKeyInfo) of its certificate; with an `https` address. */
      readonly pin?: Uint8Array;
      /** Of the last welcome: shows that a request is this speaker's. */
      readonly accessToken?: string;
    }
  /** Say a code of decimal digits if nothing plays; the session knows nothing of it. Music that begins ends it. */
  | { readonly kind: 'say'; readonly code: string }
  /** Fade out, forget the track, let the device go. */
  | { readonly kind: 'stop' };

/**
 * A place in the current track and when it is to be at the loudspeaker. Silent before; too late, it begins as much further
 * on as it is late. A seek, a load, a pause or a plain `play` end the wait for it.
 */
export interface StartInstant {
  readonly positionFrames: Frames;
  /** On the engine's clock. */
  readonly atUs: Us;
}

/** `queue`: a skip or two away. `shown`: somebody looks at it. */
export type HintReason = 'queue' | 'shown';

/** Tracks of one hint; what is more is ignored. */
export const HINTED_TRACKS_MAX = 32;

export type EngineEvent =
  /** Enough is decoded to sound at once; comes once per generation, also when not playing. */
  | { readonly kind: 'ready'; readonly generation: number; readonly trackId: TrackId; readonly durationFrames: Frames }
  /** Where the loudspeaker is. At `started`, after each change, and at least once a second while sound is heard. */
  | {
      readonly kind: 'position';
      readonly generation: number;
      readonly trackId: TrackId;
      readonly positionFrames: Frames;
      readonly atUs: Us;
      readonly isSounding: boolean;
    }
  /** The armed track has become current and is heard. */
  | {
      readonly kind: 'advanced';
      readonly generation: number;
      readonly trackId: TrackId;
      readonly durationFrames: Frames;
    }
  /** The current track was heard to its end and nothing was armed. */
  | { readonly kind: 'ended'; readonly generation: number; readonly trackId: TrackId }
  /** Wants to play and cannot for want of data; `position` with isSounding says when it can again. */
  | { readonly kind: 'starved'; readonly generation: number }
  /** This track cannot be played; the engine is silent and waits for a load. */
  | { readonly kind: 'failed'; readonly generation: number; readonly trackId: TrackId; readonly error: ErrorBody }
  /** The armed track cannot be played; the current one goes on. */
  | { readonly kind: 'nextFailed'; readonly generation: number; readonly trackId: TrackId; readonly error: ErrorBody }
  /** Health, once a second while loaded and at each change of the output. */
  | {
      readonly kind: 'health';
      readonly bufferedMs: Ms;
      readonly underruns: number;
      readonly output: string;
      readonly outputProblem: ErrorBody | null;
      /** How the music comes; an engine without a network has nothing to say of it. */
      readonly delivery?: DeliveryHealth;
    };

/** Facts about fetching, for people and for benches. */
export interface DeliveryHealth {
  /** Of the file that is read now; null when none is. */
  readonly qualityKbps: number | null;
  /** What the link is taken to carry; null while it is not known. */
  readonly throughputKbps: number | null;
  /** All bytes of music that came since the start, heard or not. */
  readonly fetchedBytes: number;
  /** Of what came whole: not heard, or not yet. */
  readonly unheardBytes: number;
  /** Of what came whole: fetched before anybody asked for it. */
  readonly prefetchedBytes: number;
  /** Kept on disk; 0 where nothing is. */
  readonly archivedBytes: number;
}

export interface AudioEngine {
  send(intent: EngineIntent): void;
  /** One listener; set before the first intent. Events of the past are not repeated. */
  listen(listener: (event: EngineEvent) => void): void;
  /** Ends everything, closes the sink; nothing is emitted after it resolves. */
  close(): Promise<void>;
}
