/**
 * One person's session with all that belongs to it: who decides what is told to which speaker, what their phones are told,
 * what was played, and which of their requests were performed. Others' are of no matter to it but for the speakers.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { CommandId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { HouseMeter } from '../ports/house-meter.ts';
import type { PhoneRequest, RequestOptions } from '../ports/household.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { Conductor, type ConductorPorts, type Performed, type RequestTerms } from './conductor.ts';
import type { ContextLists } from './context-lists.ts';
import { createDeadline, withinDeadline } from './deadline.ts';
import { tracksShown } from './household-view.ts';
import { LEDGER_ENTRIES_MAX, REQUESTS_WAITING_MAX, STATE_AFTER_ANSWER_WITHIN } from './limits.ts';
import { type HouseholdParts, PhoneFeed } from './phone-feed.ts';
import { createRequestLedger, type RequestLedger } from './request-ledger.ts';
import type { Roster } from './roster.ts';
import type { SessionRecord } from './session-record.ts';
import { ShownTracks } from './shown-tracks.ts';
import type { TrackSummaries } from './track-summaries.ts';

const US_PER_MS = 1_000;

/**
 * Requests that say how it is to be, so that one performed twice is the same as once: they need not be remembered beyond
 * this process, and their answer does not wait for a disk.
 */
const REPEATABLE: ReadonlySet<PhoneRequest['kind']> = new Set([
  'resume',
  'pause',
  'seek',
  'setVolume',
  'setShuffle',
  'setRepeat',
]);

export type Answer = Result<void, TonearmError>;

export interface AccountSessionPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Pick<SessionStore, 'savePerformed'>;
  readonly roster: Roster;
  readonly lists: ContextLists;
  readonly sessions: ConductorPorts['sessions'];
  readonly summaries: TrackSummaries;
  readonly meter?: Pick<HouseMeter, 'requestAnswered'>;
}

export interface AccountSessionOptions {
  readonly bridge: HouseholdSnapshot['bridge'];
  /** What phones of this account are shown. */
  readonly parts: () => HouseholdParts;
  /** Commands that an earlier bridge performed. */
  readonly performed: readonly CommandId[];
}

export class AccountSession {
  readonly record: SessionRecord;
  readonly conductor: Conductor;
  readonly feed: PhoneFeed;
  readonly shown: ShownTracks;
  readonly #ports: AccountSessionPorts;
  readonly #ledger: RequestLedger<Answer>;
  readonly #turns = createSerialLock();
  #waiting = 0;
  #running = 0;
  #whenIdle: (() => void) | null = null;
  #isStopped = false;

  constructor(ports: AccountSessionPorts, record: SessionRecord, options: AccountSessionOptions) {
    this.#ports = ports;
    this.record = record;
    this.#ledger = createRequestLedger<Answer>(
      LEDGER_ENTRIES_MAX,
      options.performed.map((id) => [id, ok(undefined)]),
    );
    this.conductor = new Conductor({ ...ports, session: record });
    const { summaries } = ports;
    const tracks = () => tracksShown(record.timed?.state ?? null);
    const view = {
      parts: options.parts,
      isComplete: () => summaries.has(tracks()),
      complete: () => summaries.load(tracks()),
    };
    this.feed = new PhoneFeed(ports, view, { bridge: options.bridge });
    this.shown = new ShownTracks(ports.clock, { session: record, roster: ports.roster });
  }

  request(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    if (options.accountName !== undefined) this.record.isCalled(options.accountName);
    return this.#ledger.once(options.commandId, () => this.#remembered(request, options));
  }

  /** Whether nobody would miss it: nothing plays, nobody looks, nobody waits. */
  isForgettable(): boolean {
    return this.record.writerId === null && this.#running === 0 && !this.feed.hasPhones();
  }

  /** No request begins any more. @returns when those under way have their answers */
  async finish(): Promise<void> {
    this.#isStopped = true;
    if (this.#running === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle = resolve;
    await promise;
  }

  /** Nothing is shown or hinted any more, and no request begins. */
  stop(): void {
    this.#isStopped = true;
    this.feed.stop();
    this.shown.stop();
  }

  /** After `stop`, when no speaker is connected any more: stores what is known. */
  async settle(): Promise<void> {
    // What still had its turn finds no speaker connected and ends.
    await this.#turns.run(() => Promise.resolve());
    await this.record.stop();
  }

  async #remembered(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    const { clock, meter } = this.#ports;
    const fromUs = clock.nowUs();
    this.#running += 1;
    const answer = await this.#perform(request, options);
    const tookMs = ms((clock.nowUs() - fromUs) / US_PER_MS);
    meter?.requestAnswered(request.kind, answer.ok ? null : answer.error.code, tookMs);
    if (answer.ok && !REPEATABLE.has(request.kind)) await this.#remember(options.commandId);
    this.#running -= 1;
    if (this.#running === 0) this.#whenIdle?.();
    return answer;
  }

  /** Whoever has the answer may take it for granted, also after a kill: what was done is remembered first. */
  async #remember(commandId: CommandId): Promise<void> {
    const { accountId } = this.record;
    try {
      await this.#ports.store.savePerformed({ accountId, commandId });
    } catch (cause) {
      this.#ports.logger.error('request.not-remembered', { reason: toTonearmError(cause).message });
    }
  }

  async #perform(request: PhoneRequest, options: RequestOptions): Promise<Answer> {
    if (this.#isStopped) return refused(new TonearmError('connect.closed', 'the bridge is ending'));
    const { clock } = this.#ports;
    const terms = { id: options.commandId, deadline: createDeadline(clock, options.deadline) };
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
    return this.#settle(await withinDeadline(clock, performed, options.deadline));
  }

  async #conduct(request: PhoneRequest, terms: RequestTerms): Promise<Result<Performed, TonearmError>> {
    try {
      return await this.conductor.perform(request, terms);
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
    await this.feed.changedByCommand();
    return performed.ok ? ok(undefined) : performed;
  }
}
