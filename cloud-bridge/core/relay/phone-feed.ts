/**
 * Phones' event sockets: the household once, then what changed, at most ten times a second, at once when a command made
 * the change. Spec section 10.
 *
 * A position that only moves on with time is no news: phones add the time themselves. So a change is looked for in
 * everything else, and in a position that is not where it was going to be. Now and then it is told all the same: an event
 * that was long on its way has misled the phone about when its position was true.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { CLOSE_CODES, type CloseCode, type TransportLink } from '#protocol/ports/transport';
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';
import { encodeMessage } from '#protocol/wire/envelope';
import type { HouseholdDifference, HouseholdSnapshot, SessionView } from '#protocol/wire/household';
import { changedFields } from '#protocol/wire/playback-state';
import {
  PHONE_LINKS_MAX,
  PHONE_REFRESH_EVERY,
  PHONE_UPDATE_EVERY,
  POSITION_TOLERATED,
  QUEUED_BYTES_MAX,
} from './limits.ts';

const US_PER_MS = 1_000;

export type HouseholdParts = Pick<HouseholdSnapshot, 'speakers' | 'session' | 'ingest'>;

export interface PhoneFeedView {
  /** The household as it is now. */
  parts(): HouseholdParts;
  /** False while the tracks that the view needs are not at hand. */
  isComplete(): boolean;
  /** Fetches them. */
  complete(): Promise<void>;
}

export interface PhoneFeedOptions {
  readonly bridge: HouseholdSnapshot['bridge'];
}

export class PhoneFeed {
  readonly #ports: { readonly clock: Clock; readonly logger: Logger };
  readonly #view: PhoneFeedView;
  readonly #options: PhoneFeedOptions;
  readonly #phones = new Set<TransportLink>();
  #timer: Timer | null = null;
  #refresh: Timer | null = null;
  #isCompleting = false;
  #isStopped = false;
  #revision = 0;
  #told: HouseholdParts;
  #toldAtUs: Us;
  /** When the session in `#told` was told: from there phones count its position on. */
  #sessionToldAtUs: Us;

  constructor(
    ports: { readonly clock: Clock; readonly logger: Logger },
    view: PhoneFeedView,
    options: PhoneFeedOptions,
  ) {
    this.#ports = ports;
    this.#view = view;
    this.#options = options;
    this.#told = view.parts();
    this.#toldAtUs = ports.clock.nowUs();
    this.#sessionToldAtUs = this.#toldAtUs;
  }

  accept(link: TransportLink): void {
    if (this.#isStopped || this.#phones.size >= PHONE_LINKS_MAX) {
      link.listen({ received: () => undefined, closed: () => undefined });
      link.close(CLOSE_CODES.tryLater, this.#isStopped ? 'the bridge is ending' : 'too many phones are connected');
      return;
    }
    // Before this phone is one of those that are told, since its first message must be the snapshot: so that the next
    // difference follows it.
    this.#publish();
    this.#phones.add(link);
    link.listen({
      received: () => this.#drop(link, CLOSE_CODES.invalidMessage, 'phones only listen on this socket'),
      closed: () => this.#phones.delete(link),
    });
    this.#send(link, encodeMessage(this.snapshot()));
    if (this.#refresh === null) this.#refreshLater();
  }

  /** Whether anybody looks. */
  hasPhones(): boolean {
    return this.#phones.size > 0;
  }

  /** The household now, under the revision that the next difference follows. */
  snapshot(): HouseholdSnapshot {
    const { bridge } = this.#options;
    return { kind: 'householdSnapshot', revision: this.#revision, atMs: this.#atMs(), bridge, ...this.#view.parts() };
  }

  /** Something has changed: phones hear of it within `PHONE_UPDATE_EVERY`. */
  changed(): void {
    if (this.#timer !== null || this.#isStopped) return;
    const sinceMs = (this.#ports.clock.nowUs() - this.#toldAtUs) / US_PER_MS;
    const delay = ms(Math.max(0, PHONE_UPDATE_EVERY - sinceMs));
    this.#timer = this.#ports.clock.setTimer('phone-feed', delay, () => {
      this.#timer = null;
      this.#publish();
    });
  }

  /** A command changed something: phones hear of it now. Resolves when the view names what it shows. */
  async changedByCommand(): Promise<void> {
    if (!this.#view.isComplete()) await this.#view.complete();
    this.#publish();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#refresh?.cancel();
    this.#refresh = null;
    for (const link of [...this.#phones]) this.#drop(link, CLOSE_CODES.goingAway, 'the bridge is ending');
  }

  /** Tells a moving position again after a while, for as long as there is one and somebody to tell. */
  #refreshLater(): void {
    this.#refresh?.cancel();
    this.#refresh = null;
    if (this.#isStopped || this.#phones.size === 0 || this.#told.session.playback !== 'playing') return;
    this.#refresh = this.#ports.clock.setTimer('phone-refresh', PHONE_REFRESH_EVERY, () => {
      this.#refreshLater();
      if (this.#phones.size > 0) this.#publish(true);
    });
  }

  /** @param isRefresh the session is told whether it has changed or not */
  #publish(isRefresh = false): void {
    if (this.#isStopped) return;
    if (!this.#view.isComplete()) {
      void this.#completeAndPublish();
      return;
    }
    this.#timer?.cancel();
    this.#timer = null;
    const now = this.#view.parts();
    const changed = this.#changesTo(now);
    const changes = isRefresh ? { ...changed, session: now.session } : changed;
    if (changes === null) return;
    const baseRevision = this.#revision;
    this.#revision += 1;
    this.#told = { ...this.#told, ...changes };
    this.#toldAtUs = this.#ports.clock.nowUs();
    if (changes.session !== undefined) this.#sessionToldAtUs = this.#toldAtUs;
    const difference: HouseholdDifference = {
      kind: 'householdDifference',
      baseRevision,
      revision: this.#revision,
      atMs: this.#atMs(),
      ...changes,
    };
    const text = encodeMessage(difference);
    for (const link of [...this.#phones]) this.#send(link, text);
    if (changes.session !== undefined) this.#refreshLater();
  }

  /** Once at a time; what changes meanwhile is told with it. A track that still cannot be read is told as unknown. */
  async #completeAndPublish(): Promise<void> {
    if (this.#isCompleting) return;
    this.#isCompleting = true;
    await this.#view.complete();
    this.#isCompleting = false;
    this.#publish();
  }

  #changesTo(now: HouseholdParts): Partial<HouseholdParts> | null {
    const before = this.#told;
    const changes = changedFields(before, {
      ...now,
      session: { ...now.session, positionMs: before.session.positionMs },
    });
    const isMoved = Math.abs(now.session.positionMs - this.#expectedPosition(before.session)) > POSITION_TOLERATED;
    if (changes === undefined && !isMoved) return null;
    return isMoved || changes?.session !== undefined ? { ...changes, session: now.session } : (changes ?? null);
  }

  /** On a clock of which nothing but differences mean anything. */
  #atMs(): Ms {
    return ms(Math.round(this.#ports.clock.nowUs() / US_PER_MS));
  }

  /** Where a phone believes that playback is. */
  #expectedPosition(told: SessionView): Ms {
    if (told.playback !== 'playing') return told.positionMs;
    const elapsedMs = (this.#ports.clock.nowUs() - this.#sessionToldAtUs) / US_PER_MS;
    const moved = told.positionMs + elapsedMs;
    return ms(told.track === null ? moved : Math.min(moved, told.track.durationMs));
  }

  #send(link: TransportLink, text: string): void {
    if (link.queuedBytes() <= QUEUED_BYTES_MAX && link.send(text)) return;
    this.#drop(link, CLOSE_CODES.slowReader, 'reads too slowly');
  }

  #drop(link: TransportLink, code: CloseCode, reason: string): void {
    if (!this.#phones.delete(link)) return;
    this.#ports.logger.info('phone.link-closed', { code, reason });
    link.close(code, reason);
  }
}
