/**
 * The relay: speakers and phones of one household, and the sessions of the people who play on them. It joins the parts of
 * this folder and decides nothing but who is heard: links come in, reports update sessions, requests go to their account's.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TransportLink } from '#protocol/ports/transport';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, BridgeId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { SessionState } from '#protocol/wire/playback-state';
import type { CatalogueReader } from '../ports/catalogue.ts';
import type { Digest } from '../ports/digest.ts';
import type { HouseMeter } from '../ports/house-meter.ts';
import type { HouseFacts, Household, PhoneRequest, PlayedTrack, RequestOptions } from '../ports/household.ts';
import type { IngestControl } from '../ports/ingest-control.ts';
import type { KnownSpeaker, PerformedCommand, SessionStore, StoredSession } from '../ports/session-store.ts';
import { AccountSession, type Answer } from './account-session.ts';
import { ContextLists } from './context-lists.ts';
import { fitIngest, viewSession } from './household-view.ts';
import { EPOCHS_LOST_MAX, LAST_ANSWERS_WITHIN, TRACK_SUMMARIES_MAX } from './limits.ts';
import type { HouseholdParts } from './phone-feed.ts';
import { Reception } from './reception.ts';
import { Roster } from './roster.ts';
import { newSession, SessionRecord } from './session-record.ts';
import { Sessions } from './sessions.ts';
import { ShownSpeakers } from './shown-speakers.ts';
import type { SpeakerTrust } from './speaker-check.ts';
import { createTrackSummaries, type TrackSummaries } from './track-summaries.ts';

export interface HouseholdPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sessions: SessionStore;
  readonly catalogue: Pick<CatalogueReader, 'tracks'>;
  readonly ingest: IngestControl;
  readonly digest: Digest;
  readonly meter?: Pick<HouseMeter, 'speakerConnected' | 'speakerDisconnected' | 'requestAnswered'>;
}

export interface HouseholdOptions {
  readonly bridgeId: BridgeId;
  readonly name: string;
  readonly version: string;
  /** Absent: speakers are not asked who they are. */
  readonly trust?: SpeakerTrust;
}

/** Reads what the store remembers. @throws what the store throws: without its sessions a bridge must not start */
export async function createHousehold(ports: HouseholdPorts, options: HouseholdOptions): Promise<Household> {
  const { sessions } = ports;
  const stored = await sessions.loadSessions();
  const performed = await sessions.performedCommands();
  const known = await sessions.knownSpeakers();
  return new Relay(ports, options, { stored, performed, known });
}

interface Remembered {
  readonly stored: readonly StoredSession[];
  readonly performed: readonly PerformedCommand[];
  readonly known: readonly KnownSpeaker[];
}

class Relay implements Household {
  readonly #ports: HouseholdPorts;
  readonly #options: HouseholdOptions;
  readonly #performed: readonly PerformedCommand[];
  readonly #sessions: Sessions<AccountSession>;
  readonly #roster: Roster;
  readonly #lists: ContextLists;
  readonly #summaries: TrackSummaries;
  readonly #reception: Reception;
  readonly #stopListening: () => void;
  #isStopped = false;

  constructor(ports: HouseholdPorts, options: HouseholdOptions, { stored, performed, known }: Remembered) {
    this.#ports = ports;
    this.#options = options;
    this.#performed = performed;
    this.#lists = new ContextLists(ports.digest);
    this.#roster = new Roster({ ...ports, lists: this.#lists }, known);
    this.#summaries = createTrackSummaries(ports, TRACK_SUMMARIES_MAX);
    this.#sessions = new Sessions({
      create: (accountId) => this.#open(newSession(accountId)),
      forgotten: (session) => this.#forget(session),
      lost: () => this.#changed(),
    });
    for (const session of stored) {
      if (session.state !== null) this.#lists.hold(session.state);
      this.#sessions.add(this.#open(session), session.reservedEpoch);
    }
    // Of what was stored last a power cut may have taken something back, and no epoch is given twice.
    if (stored.length > 0) this.#sessions.noteEpoch(this.#sessions.highestEpoch() + EPOCHS_LOST_MAX);
    this.#stopListening = ports.ingest.listen(() => {
      this.#summaries.expire();
      this.#changed();
    });
    const changed = () => this.#changed();
    const parts = { sessions: this.#sessions, roster: this.#roster, lists: this.#lists, changed };
    this.#reception = new Reception(ports, parts, options);
    this.#sessions.of();
    changed();
  }

  acceptSpeaker(link: TransportLink, how?: { readonly takesChallenge?: boolean }): void {
    this.#reception.accept(link, how);
  }

  forgetSpeaker(id: SpeakerId): boolean {
    this.#reception.forget(id);
    const wasKnown = this.#roster.remove(id);
    this.#changed();
    return wasKnown;
  }

  renameSpeaker(id: SpeakerId, name: string): void {
    this.#roster.rename(id, name);
    this.#roster.find(id)?.link?.tellName(name);
    this.#changed();
  }

  offerUpdate(version: string): void {
    for (const { link } of this.#roster.all()) link?.offerUpdate(version);
  }

  acceptPhone(link: TransportLink, accountId: AccountId): void {
    this.#sessions.of(accountId).feed.accept(link);
  }

  request(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    return this.#sessions.of(options.accountId).request(request, options);
  }

  showing(accountId: AccountId, trackIds: readonly TrackId[]): void {
    if (!this.#isStopped) this.#sessions.of(accountId).shown.show(trackIds);
  }

  view(accountId: AccountId): HouseholdSnapshot {
    return this.#sessions.of(accountId).feed.snapshot();
  }

  facts(): HouseFacts {
    const owners = this.#sessions.owners();
    const speakers = this.#roster.all().map((speaker) => {
      const owner = owners.get(speaker.known.id) ?? null;
      return speaker.view(owner !== null, owner);
    });
    const playbacks = this.#sessions.all().flatMap(({ record }) => record.timed?.state.playback.kind ?? []);
    return { speakers, playbacks };
  }

  session(accountId: AccountId): SessionState | null {
    return this.#sessions.of(accountId).record.timed?.state ?? null;
  }

  recentlyPlayed(accountId: AccountId): readonly PlayedTrack[] {
    return this.#sessions.of(accountId).record.history.entries();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopListening();
    const sessions = this.#sessions.all();
    await this.#finish(sessions);
    for (const session of sessions) session.stop();
    this.#reception.stop();
    for (const session of sessions) await session.settle();
  }

  /** What was asked before the end is answered, by whoever can answer soon. */
  async #finish(sessions: readonly AccountSession[]): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#ports.clock.setTimer('last-answers', LAST_ANSWERS_WITHIN, resolve);
    await Promise.race([Promise.all(sessions.map((session) => session.finish())), late]);
    timer.cancel();
  }

  #open(stored: StoredSession): AccountSession {
    const { clock, logger, sessions: store, meter } = this.#ports;
    const { name, version } = this.#options;
    const record = new SessionRecord(this.#ports, this.#sessions, stored);
    const shared = { roster: this.#roster, lists: this.#lists, sessions: this.#sessions, summaries: this.#summaries };
    const shown = new ShownSpeakers();
    const mine = this.#performed.filter(({ accountId }) => accountId === stored.accountId);
    return new AccountSession({ clock, logger, store, ...(meter && { meter }), ...shared }, record, {
      bridge: { name, version, takesRequests: true, answersHeartbeats: true },
      parts: () => this.#parts(record, shown),
      performed: mine.map(({ commandId }) => commandId),
    });
  }

  #forget(session: AccountSession): void {
    const { accountId } = session.record;
    session.stop();
    const { sessions, logger } = this.#ports;
    void session
      .settle()
      .then(() => sessions.forgetSession(accountId))
      .catch((cause: unknown) => logger.error('session.forget-failed', { reason: toTonearmError(cause).message }));
  }

  /** Phones of everybody hear of it: whose a speaker is matters to all. */
  #changed(): void {
    for (const { feed } of this.#sessions.all()) feed.changed();
  }

  #parts(record: SessionRecord, shown: ShownSpeakers): HouseholdParts {
    const active = this.#roster.find(record.activeSpeakerId);
    return {
      speakers: shown.views(this.#roster.all(), active, this.#sessions.owners()),
      session: viewSession(record, (id) => this.#summaries.get(id), this.#ports.clock.nowUs()),
      ingest: fitIngest(this.#ports.ingest.view()),
    };
  }
}
