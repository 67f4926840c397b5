/**
 * One speaker's link from the household's side: whose it turned out to be, and who hears what comes on it. An object of
 * its own for each of ten thousand, instead of five closures.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result } from '#protocol/vocabulary/result';
import type { Challenge, Hello, Welcome } from '#protocol/wire/hello';
import type { StateDifference, StateSnapshot } from '#protocol/wire/playback-state';
import type { TrackList } from '#protocol/wire/track-list';
import type { Speaker } from './speaker.ts';
import type { SpeakerLink, SpeakerLinkView } from './speaker-link.ts';

/** Who was greeted on a link. */
export interface Guest {
  readonly speaker: Speaker;
  readonly isProven: boolean;
  /** Its access token; null where nobody asks for one. */
  readonly pass: string | null;
}

/** Where visits are received: one for all of them. */
export interface VisitorsDesk {
  greet(hello: Hello, challenge: Challenge | null): Promise<Result<{ guest: Guest; welcome: Welcome }, TonearmError>>;
  /** The greeting is over, well or not; before `opened` and `ended`. */
  greeted(): void;
  opened(guest: Guest, link: SpeakerLink): void;
  reported(speaker: Speaker, link: SpeakerLink, message: StateSnapshot | StateDifference): void;
  listed(speaker: Speaker, link: SpeakerLink, part: TrackList): void;
  /** @param guest null for one that was never greeted */
  ended(guest: Guest | null, link: SpeakerLink, closeCode: number): void;
}

export class SpeakerVisit implements SpeakerLinkView {
  readonly #desk: VisitorsDesk;
  #challenge: Challenge | null;
  #guest: Guest | null = null;
  #isGreeted = false;

  constructor(desk: VisitorsDesk, challenge: Challenge | null) {
    this.#desk = desk;
    this.#challenge = challenge;
  }

  async greet(hello: Hello): Promise<Result<Welcome, TonearmError>> {
    const challenge = this.#challenge;
    // Good for one hello; and nothing that an idle visit has to keep.
    this.#challenge = null;
    const greeted = await this.#desk.greet(hello, challenge);
    if (!greeted.ok) return greeted;
    this.#guest = greeted.value.guest;
    return ok(greeted.value.welcome);
  }

  opened(link: SpeakerLink): void {
    this.#endGreeting();
    if (this.#guest !== null) this.#desk.opened(this.#guest, link);
  }

  reported(link: SpeakerLink, message: StateSnapshot | StateDifference): void {
    const speaker = this.#guest?.speaker;
    if (speaker?.link === link) this.#desk.reported(speaker, link, message);
  }

  listed(link: SpeakerLink, part: TrackList): void {
    const speaker = this.#guest?.speaker;
    if (speaker?.link === link) this.#desk.listed(speaker, link, part);
  }

  ended(link: SpeakerLink, closeCode: number): void {
    this.#endGreeting();
    this.#desk.ended(this.#guest, link, closeCode);
  }

  #endGreeting(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.#desk.greeted();
  }
}
