/**
 * One speaker as the household knows it, whether its link is up or not: who it is, what it last reported, and when that
 * was true on the bridge's clock.
 */
import { createSerialLock, type SerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, msToUs, type Us, us } from '#protocol/vocabulary/units';
import type { SpeakerView } from '#protocol/wire/household';
import { applyStateDifference, type StateDifference, type StateSnapshot } from '#protocol/wire/playback-state';
import type { KnownSpeaker } from '../ports/session-store.ts';
import { CLOCK_TOLERATED } from './limits.ts';
import { LinkSuccession } from './link-succession.ts';
import type { SpeakerLink } from './speaker-link.ts';

interface Waiter {
  readonly revision: number;
  readonly timer: Timer;
  readonly resolve: () => void;
}

const NOBODY: readonly Waiter[] = [];
const NEVER = -1;

export class Speaker {
  readonly #clock: Clock;
  #waiters: readonly Waiter[] = NOBODY;
  /** Null while nobody waits for anything: there are thousands of speakers, and few are waited for. */
  #watches: Set<() => void> | null = null;
  #isReportCurrent = false;
  /** As last shown where it is active and where it is not, and who it was then. */
  #views: Partial<Record<'active' | 'other', { readonly of: KnownSpeaker; readonly view: SpeakerView }>> = {};
  known: KnownSpeaker;
  /** Null while it is away; set by `attach` and `detach`. */
  link: SpeakerLink | null = null;
  /** Whether what is connected has shown that its id is its own. */
  isProven = false;
  readonly links = new LinkSuccession();
  /** Null until it has reported once. */
  report: StateSnapshot | null = null;
  /** When the reported position was true, on the bridge's clock. */
  positionAtUs: Us = us(0);
  /** Whether its last report said when its position was true on our clock, so that instants can be agreed on with it. */
  sharesClock = false;
  /** Snapshots that have come, of all its links. */
  snapshots = 0;
  #turns: SerialLock | null = null;
  /** The newest epoch in which it was told to let go on this link, so that a stale report does not bring a second telling. */
  releasedIn = NEVER;

  constructor(clock: Clock, known: KnownSpeaker) {
    this.#clock = clock;
    this.known = known;
  }

  /** Who decides what it plays takes turns here: two people may want it at once. */
  get turns(): SerialLock {
    this.#turns ??= createSerialLock();
    return this.#turns;
  }

  /** @returns false when the difference does not follow what is known: a snapshot is needed */
  take(message: StateSnapshot | StateDifference): boolean {
    if (message.kind === 'stateSnapshot') {
      this.report = message;
      this.#isReportCurrent = true;
      this.snapshots += 1;
      this.#placePosition(message);
    } else {
      if (this.report === null || !this.#isReportCurrent) return false;
      const next = applyStateDifference(this.report, message);
      if (!next.ok) return false;
      this.report = next.value;
      // Without a new position the old one stays true for the instant at which it was true.
      if (message.session?.playback !== undefined) this.#placePosition(message);
    }
    this.#look();
    this.#wake(this.report.revision);
    return true;
  }

  /** Resolves when a report of this revision or a later one has come, when `within` has passed, or when the link is lost. */
  whenReported(revision: number, within: Ms): Promise<void> {
    const reported = this.#isReportCurrent && this.report !== null ? this.report.revision : -1;
    if (this.link === null || reported >= revision) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer('state-after-answer', within, () => {
      this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer);
      resolve();
    });
    this.#waiters = [...this.#waiters, { revision, timer, resolve }];
    return promise;
  }

  /** An epoch that it does not take for an old one: of commands that are not about who writes. */
  epochAtLeast(epoch: number): number {
    return Math.max(epoch, this.report?.epoch ?? 0);
  }

  /** It is connected (anew). Its revisions may have begun anew too, so no difference follows what was known before. */
  attach(link: SpeakerLink, isProven = false): void {
    this.link = link;
    this.isProven = isProven;
    this.#isReportCurrent = false;
    // What was told on the link before may never have been heard.
    this.releasedIn = NEVER;
  }

  /** Its link is gone; the last report stays. */
  detach(): void {
    this.link = null;
    this.sharesClock = false;
    this.#look();
    this.#wake(Number.POSITIVE_INFINITY);
  }

  /**
   * @param isActive for whom it is shown @param account whose session it plays; the same object for as long as it is
   * @returns the same object as before, to each kind of viewer, while nothing of it has changed
   */
  view(isActive: boolean, account: SpeakerView['account'] = null): SpeakerView {
    const key = isActive ? 'active' : 'other';
    const last = this.#views[key];
    const isOnline = this.link !== null;
    const { speaker: status = null, clock } = this.report ?? {};
    const offsetMs = clock && inTenths(clock.offsetUs);
    const errorMs = clock && inTenths(clock.errorUs);
    const isDoubled = this.links.isDoubled(this.#clock.nowUs());
    const isSame =
      last?.of === this.known &&
      last.view.isOnline === isOnline &&
      last.view.account === account &&
      last.view.status === status &&
      (last.view.isDoubled ?? false) === isDoubled &&
      last.view.clock?.offsetMs === offsetMs &&
      last.view.clock?.errorMs === errorMs;
    if (isSame) return last.view;
    const { id, name, model, version } = this.known;
    const told = { id, name, model, version, isOnline, isActive, account, status };
    const shown = isDoubled ? { ...told, isDoubled } : told;
    const view = offsetMs === undefined || errorMs === undefined ? shown : { ...shown, clock: { offsetMs, errorMs } };
    this.#views = { ...this.#views, [key]: { of: this.known, view } };
    return view;
  }

  /** @returns whether `condition` came to hold within that time; it is asked now, at each report and when the link is lost */
  until(condition: () => boolean, within: Ms): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const watch = (): void => {
      if (condition()) settle(true);
    };
    const timer = this.#clock.setTimer('speaker-until', within, () => settle(condition()));
    const settle = (holds: boolean): void => {
      timer.cancel();
      this.#watches?.delete(watch);
      resolve(holds);
    };
    this.#watches ??= new Set();
    this.#watches.add(watch);
    return promise;
  }

  #placePosition({ positionAgeUs, clock }: Pick<StateSnapshot, 'positionAgeUs' | 'clock'>): void {
    const byArrivalUs = us(this.#clock.nowUs() - Math.max(0, positionAgeUs));
    // A clock that is far off is not ours: the speaker has it from another door of the house, or has made it up.
    const isOurs = clock !== undefined && Math.abs(clock.positionAtUs - byArrivalUs) <= msToUs(CLOCK_TOLERATED);
    this.sharesClock = isOurs;
    this.positionAtUs = isOurs ? clock.positionAtUs : byArrivalUs;
  }

  #look(): void {
    for (const watch of [...(this.#watches ?? [])]) watch();
  }

  #wake(revision: number): void {
    if (this.#waiters.length === 0) return;
    const isDue = (waiter: Waiter) => waiter.revision <= revision;
    const due = this.#waiters.filter(isDue);
    this.#waiters = this.#waiters.filter((waiter) => !isDue(waiter));
    for (const waiter of due) {
      waiter.timer.cancel();
      waiter.resolve();
    }
  }
}

/** Milliseconds with one decimal: the rest is noise. */
function inTenths(duration: Us): number {
  // Plus zero: a negative one travels as a positive, and would be taken for a change.
  return Math.round(duration / 100) / 10 + 0;
}
