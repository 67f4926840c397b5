/**
 * What phones show, on its way to the speaker that is likely to play it: the active one, or the only one there is. The
 * newest word counts, whichever phone it came from, and a finger that scrolls does not become a flood. Spec section 5.5.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { TrackId } from '#protocol/vocabulary/ids';
import { HINTED_TRACKS_MAX } from '#protocol/wire/hints';
import { HINTS_EVERY } from './limits.ts';
import type { Roster } from './roster.ts';
import type { SessionRecord } from './session-record.ts';
import type { Speaker } from './speaker.ts';

export interface ShownTracksView {
  readonly session: Pick<SessionRecord, 'activeSpeakerId'>;
  readonly roster: Pick<Roster, 'all' | 'find'>;
}

export class ShownTracks {
  readonly #clock: Clock;
  readonly #view: ShownTracksView;
  #newest: readonly TrackId[] | null = null;
  #pause: Timer | null = null;

  constructor(clock: Clock, view: ShownTracksView) {
    this.#clock = clock;
    this.#view = view;
  }

  /** At once if nothing was told lately, else as soon as it may be; what is more than a message holds is left out. */
  show(trackIds: readonly TrackId[]): void {
    this.#newest = [...new Set(trackIds)].slice(0, HINTED_TRACKS_MAX);
    if (this.#pause === null) this.#tell();
  }

  stop(): void {
    this.#newest = null;
    this.#pause?.cancel();
  }

  #tell(): void {
    const newest = this.#newest;
    if (newest === null) return;
    this.#newest = null;
    this.#likelySpeaker()?.link?.hint(newest);
    this.#pause = this.#clock.setTimer('hints', HINTS_EVERY, () => {
      this.#pause = null;
      this.#tell();
    });
  }

  #likelySpeaker(): Speaker | null {
    const { session, roster } = this.#view;
    if (session.activeSpeakerId !== null) return roster.find(session.activeSpeakerId);
    let only: Speaker | null = null;
    for (const speaker of roster.all()) {
      if (speaker.link === null) continue;
      if (only !== null) return null;
      only = speaker;
    }
    return only;
  }
}
