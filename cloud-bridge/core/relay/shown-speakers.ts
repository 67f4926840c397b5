/**
 * The speakers that phones are shown. All of them in a home; in a house of thousands a window, since a view is made at
 * every change, goes to every phone, and has to fit into one message. The others are there to be commanded by id.
 */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { SpeakerView } from '#protocol/wire/household';
import { SPEAKERS_SHOWN_MAX } from './limits.ts';

/** What this needs of a speaker. */
export interface ShowableSpeaker {
  readonly known: { readonly id: SpeakerId };
  readonly link: object | null;
  /** The same object as before while nothing of it has changed. */
  view(isActive: boolean, account: SpeakerView['account']): SpeakerView;
}

/**
 * @param all in the order in which phones show them
 * @param active shown in any case; null: none is
 * @returns all of them if they fit; else the active one, then those that are connected, then those that are away
 */
export function chooseShown<S extends ShowableSpeaker>(all: readonly S[], active: S | null): readonly S[] {
  if (all.length <= SPEAKERS_SHOWN_MAX) return all;
  const shown: S[] = active === null ? [] : [active];
  for (const isOnline of [true, false]) {
    for (const speaker of all) {
      if (shown.length >= SPEAKERS_SHOWN_MAX) return shown;
      if ((speaker.link !== null) === isOnline && speaker !== active) shown.push(speaker);
    }
  }
  return shown;
}

/** Views of them, as the same array for as long as nothing of it has changed: so that no change costs next to nothing. */
export class ShownSpeakers {
  #last: SpeakerView[] = [];

  /** @param owners whose session each plays */
  views<S extends ShowableSpeaker>(
    all: readonly S[],
    active: S | null,
    owners: ReadonlyMap<SpeakerId, NonNullable<SpeakerView['account']>> = new Map(),
  ): SpeakerView[] {
    const viewOf = (speaker: S) => speaker.view(speaker === active, owners.get(speaker.known.id) ?? null);
    const views = chooseShown(all, active).map(viewOf);
    const last = this.#last;
    if (views.length !== last.length || views.some((view, place) => view !== last[place])) this.#last = views;
    return this.#last;
  }
}
