/**
 * The relay: speakers and phones of one household, and the session that they share. It joins the parts of this folder
 * and decides nothing but who is heard: links come in, reports update the session, requests take turns.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TransportLink } from '#protocol/ports/transport';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, BridgeId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { SessionState } from '#protocol/wire/playback-state';
import type { CatalogueReader } from '../ports/catalogue.ts';
import type { HouseMeter } from '../ports/house-meter.ts';
import type { HouseFacts, Household, PhoneRequest, PlayedTrack, RequestOptions } from '../ports/household.ts';
import type { IngestControl } from '../ports/ingest-control.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { Conductor, type Performed, type RequestTerms } from './conductor.ts';
import { createDeadline, withinDeadline } from './deadline.ts';
import { createHistory, type History } from './history.ts';
import { fitIngest, tracksShown, viewSession } from './household-view.ts';
import {
  HISTORY_ENTRIES_MAX,
  LEDGER_ENTRIES_MAX,
  REQUESTS_WAITING_MAX,
  STATE_AFTER_ANSWER_WITHIN,
  TRACK_SUMMARIES_MAX,
} from './limits.ts';
import { PhoneFeed } from './phone-feed.ts';
import { Reception } from './reception.ts';
import { createRequestLedger } from './request-ledger.ts';
import { Roster } from './roster.ts';
import { SessionRecord } from './session-record.ts';
import { ShownSpeakers } from './shown-speakers.ts';
import { ShownTracks } from './shown-tracks.ts';
import type { SpeakerTrust } from './speaker-check.ts';
import { createTrackSummaries, type TrackSummaries } from './track-summaries.ts';

export interface HouseholdPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sessions: SessionStore;
  readonly catalogue: Pick<CatalogueReader, 'tracks'>;
  readonly ingest: IngestControl;
  readonly meter?: Pick<HouseMeter, 'speakerConnected' | 'speakerDisconnected' | 'requestAnswered'>;
}

export interface HouseholdOptions {
  readonly bridgeId: BridgeId;
  readonly name: string;
  readonly version: string;
  /** Absent: speakers are not asked who they are. */
  readonly trust?: SpeakerTrust;
}

/** Reads what the store remembers. @throws what the store throws: without its session a bridge must not start */
export async function createHousehold(ports: HouseholdPorts, options: HouseholdOptions): Promise<Household> {
  const stored = await ports.sessions.loadSession();
  const known = await ports.sessions.knownSpeakers();
  return new Relay(ports, options, new SessionRecord(ports, stored), new Roster(ports, known));
}

const US_PER_MS = 1_000;

type Answer = Result<void, TonearmError>;

class Relay implements Household {
  readonly #ports: HouseholdPorts;
  readonly #session: SessionRecord;
  readonly #roster: Roster;
  readonly #conductor: Conductor;
  readonly #feed: PhoneFeed;
  readonly #summaries: TrackSummaries;
  readonly #history: History = createHistory(HISTORY_ENTRIES_MAX);
  readonly #ledger = createRequestLedger<Answer>(LEDGER_ENTRIES_MAX);
  readonly #turns = createSerialLock();
  readonly #reception: Reception;
  readonly #shown: ShownTracks;
  readonly #shownSpeakers = new ShownSpeakers();
  readonly #stopListening: () => void;
  #waiting = 0;
  #isStopped = false;

  constructor(ports: HouseholdPorts, options: HouseholdOptions, session: SessionRecord, roster: Roster) {
    this.#ports = ports;
    this.#session = session;
    this.#roster = roster;
    this.#conductor = new Conductor({ ...ports, session, roster });
    this.#summaries = createTrackSummaries(ports, TRACK_SUMMARIES_MAX);
    const shown = () => tracksShown(session.timed?.state ?? null);
    const view = {
      parts: () => this.#parts(),
      isComplete: () => this.#summaries.has(shown()),
      complete: () => this.#summaries.load(shown()),
    };
    this.#feed = new PhoneFeed(ports, view, {
      bridge: { name: options.name, version: options.version, takesRequests: true },
    });
    this.#stopListening = ports.ingest.listen(() => {
      this.#summaries.expire();
      this.#feed.changed();
    });
    const changed = () => this.#feed.changed();
    const parts = { session, roster, conductor: this.#conductor, history: this.#history, changed };
    this.#shown = new ShownTracks(ports.clock, { session, roster });
    this.#reception = new Reception(ports, parts, options);
    changed();
  }

  acceptSpeaker(link: TransportLink, how?: { readonly takesChallenge?: boolean }): void {
    this.#reception.accept(link, how);
  }

  forgetSpeaker(id: SpeakerId): boolean {
    this.#reception.forget(id);
    const wasKnown = this.#roster.remove(id);
    this.#feed.changed();
    return wasKnown;
  }

  renameSpeaker(id: SpeakerId, name: string): void {
    this.#roster.rename(id, name);
    this.#feed.changed();
  }

  acceptPhone(link: TransportLink, _accountId: AccountId): void {
    this.#feed.accept(link);
  }

  request(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    return this.#ledger.once(options.commandId, () => this.#measured(request, options));
  }

  showing(_accountId: AccountId, trackIds: readonly TrackId[]): void {
    if (!this.#isStopped) this.#shown.show(trackIds);
  }

  view(_accountId: AccountId): HouseholdSnapshot {
    return this.#feed.snapshot();
  }

  facts(): HouseFacts {
    const { timed, activeSpeakerId } = this.#session;
    return {
      speakers: this.#roster.all().map((speaker) => speaker.view(speaker.known.id === activeSpeakerId)),
      playbacks: timed === null ? [] : [timed.state.playback.kind],
    };
  }

  session(_accountId: AccountId): SessionState | null {
    return this.#session.timed?.state ?? null;
  }

  recentlyPlayed(_accountId: AccountId): readonly PlayedTrack[] {
    return this.#history.entries();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopListening();
    this.#feed.stop();
    this.#shown.stop();
    this.#reception.stop();
    // What still had its turn finds no speaker connected and ends.
    await this.#turns.run(() => Promise.resolve());
    await this.#session.stop();
  }

  async #measured(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    const { clock, meter } = this.#ports;
    const fromUs = clock.nowUs();
    const answer = await this.#perform(request, options);
    meter?.requestAnswered(
      request.kind,
      answer.ok ? null : answer.error.code,
      ms((clock.nowUs() - fromUs) / US_PER_MS),
    );
    return answer;
  }

  async #perform(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    if (this.#isStopped) return refused(new TonearmError('connect.closed', 'the bridge is ending'));
    const terms = { id: options.commandId, deadline: createDeadline(this.#ports.clock, options.deadline) };
    if (request.kind === 'setVolume') return this.#settle(await this.#conduct(request, terms));
    if (this.#waiting >= REQUESTS_WAITING_MAX) {
      return refused(new TonearmError('session.busy', `${REQUESTS_WAITING_MAX} requests wait already`));
    }
    this.#waiting += 1;
    const performed = this.#turns.run(async () => {
      this.#waiting -= 1;
      if (terms.deadline.left() > 0) return this.#conduct(request, terms);
      return refused(new TonearmError('session.deadline-passed', 'its turn did not come in time'));
    });
    return this.#settle(await withinDeadline(this.#ports.clock, performed, options.deadline));
  }

  async #conduct(request: PhoneRequest, terms: RequestTerms): Promise<Result<Performed, TonearmError>> {
    try {
      return await this.#conductor.perform(request, terms);
    } catch (cause) {
      const error = toTonearmError(cause);
      this.#ports.logger.error('request.failed', { request: request.kind, reason: error.message });
      return refused(error);
    }
  }

  /** The answer, once the state that it announced has come (or is late): who asks next reads what was written. */
  async #settle(performed: Result<Performed, TonearmError>): Promise<Answer> {
    if (performed.ok && performed.value !== null) {
      const { speaker, accepted } = performed.value;
      await speaker.whenReported(accepted.revision, STATE_AFTER_ANSWER_WITHIN);
    }
    await this.#feed.changedByCommand();
    return performed.ok ? ok(undefined) : performed;
  }

  #parts(): Pick<HouseholdSnapshot, 'speakers' | 'session' | 'ingest'> {
    const session = this.#session;
    return {
      speakers: this.#shownSpeakers.views(this.#roster.all(), this.#roster.find(session.activeSpeakerId)),
      session: viewSession(session, (id) => this.#summaries.get(id), this.#ports.clock.nowUs()),
      ingest: fitIngest(this.#ports.ingest.view()),
    };
  }
}
