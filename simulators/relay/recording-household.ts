/** The relay as a door sees it, without one: remembers what it was asked, and shows and answers what a test sets. */
import type { HouseFacts, Household, PhoneRequest, PlayedTrack, RequestOptions } from '#bridge/core/ports/household';
import type { TransportLink } from '#protocol/ports/transport';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, type SpeakerId, speakerId, type TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result } from '#protocol/vocabulary/result';
import { ms, percent } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { SessionState } from '#protocol/wire/playback-state';

export const KITCHEN = speakerId('kitchen-speaker');

export class RecordingHousehold implements Household {
  readonly requests: PhoneRequest[] = [];
  readonly options: RequestOptions[] = [];
  readonly shownTracks: (readonly TrackId[])[] = [];
  readonly speakerLinks: TransportLink[] = [];
  readonly phoneLinks: TransportLink[] = [];
  readonly forgotten: SpeakerId[] = [];
  readonly renamed: [SpeakerId, string][] = [];
  readonly updatesOffered: string[] = [];
  /** Of each speaker's link, whether it takes a challenge. */
  readonly challenged: boolean[] = [];
  answer: Result<void, TonearmError> = ok(undefined);
  shownSession: SessionState | null = null;
  played: readonly PlayedTrack[] = [];
  shown: HouseholdSnapshot = {
    kind: 'householdSnapshot',
    revision: 1,
    bridge: { name: 'House', version: '1' },
    speakers: [
      {
        id: KITCHEN,
        name: 'kitchen',
        model: 'none',
        version: '1',
        isOnline: true,
        isActive: true,
        status: { volume: percent(40), output: 'virtual', outputProblem: null, bufferedMs: ms(0), underruns: 0 },
      },
    ],
    session: {
      activeSpeakerId: KITCHEN,
      epoch: 1,
      playback: 'stopped',
      track: null,
      positionMs: ms(0),
      contextUri: null,
      next: [],
      isShuffled: false,
      repeat: 'off',
      problem: null,
    },
    ingest: { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] },
  };

  acceptSpeaker(link: TransportLink, how: { readonly takesChallenge?: boolean } = {}): void {
    this.speakerLinks.push(link);
    this.challenged.push(how.takesChallenge === true);
  }

  forgetSpeaker(id: SpeakerId): boolean {
    this.forgotten.push(id);
    return this.shown.speakers.some((speaker) => speaker.id === id);
  }

  renameSpeaker(id: SpeakerId, name: string): void {
    this.renamed.push([id, name]);
  }

  offerUpdate(version: string): void {
    this.updatesOffered.push(version);
  }

  acceptPhone(link: TransportLink): void {
    this.phoneLinks.push(link);
  }

  async request(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>> {
    this.requests.push(request);
    this.options.push(options);
    return this.answer;
  }

  showing(_accountId: AccountId, trackIds: readonly TrackId[]): void {
    this.shownTracks.push(trackIds);
  }

  view(): HouseholdSnapshot {
    return this.shown;
  }

  facts(): HouseFacts {
    return { speakers: this.shown.speakers, playbacks: [this.shown.session.playback] };
  }

  session(): SessionState | null {
    return this.shownSession;
  }

  recentlyPlayed(): readonly PlayedTrack[] {
    return this.played;
  }

  async stop(): Promise<void> {}
}
