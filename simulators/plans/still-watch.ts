/**
 * While nobody presses anything and nothing breaks, nothing changes but what plays on: nobody's music begins, ends before its
 * time or moves elsewhere, no link is lost, and no volume changes. Looked at from one quiet point to the next.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AccountId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import type { World } from '#sim/world/world';

interface Look {
  readonly volumes: readonly (number | undefined)[];
  /** How many each speaker has had by then. */
  readonly links: readonly number[];
  readonly sessions: ReadonlyMap<AccountId, SessionLook>;
}

interface SessionLook {
  readonly isPlaying: boolean;
  /** Plays on whatever happens: after the last track comes the first. */
  readonly isEndless: boolean;
  readonly activeSpeakerId: string | null;
}

export class StillWatch {
  readonly #world: World;
  #last: Look | null = null;
  /** What people have asked for, as it was last seen. */
  #kept: ReadonlyMap<AccountId, Asked> | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody has pressed something: what comes of it is not known here. */
  pressed(): void {
    this.#last = null;
    this.#kept = null;
  }

  /** Something has broken, or was mended: music may have stopped, but what people have asked for is as they asked. */
  broke(): void {
    this.#last = null;
  }

  /** @throws with what has changed by itself */
  look(): void {
    this.#lookAtAsked();
    const now = this.#look();
    const before = this.#last;
    this.#last = now;
    if (before === null) return;
    if (!isDeepStrictEqual(before.volumes, now.volumes)) {
      throw new Error(`nobody did anything, and the volumes went from ${before.volumes} to ${now.volumes}`);
    }
    if (!isDeepStrictEqual(before.links, now.links)) {
      throw new Error(
        `nothing is broken, and the speakers' links went from the ${before.links}th to the ${now.links}th`,
      );
    }
    for (const [accountId, session] of now.sessions) {
      const last = before.sessions.get(accountId);
      if (last === undefined) continue;
      const problem = changedByItself(last, session);
      if (problem !== null) throw new Error(`nobody did anything, and the music of ${accountId} ${problem}`);
    }
  }

  #lookAtAsked(): void {
    const world = this.#world;
    const now = new Map<AccountId, Asked>();
    for (const { accountId } of world.phones) {
      const session = world.bridge.household()?.session(accountId) ?? null;
      if (session !== null) now.set(accountId, askedOf(session));
    }
    const kept = this.#kept;
    this.#kept = now;
    for (const [accountId, before] of kept ?? []) {
      const lost = lostOf(before, now.get(accountId));
      if (lost !== null) throw new Error(`nobody did anything, and ${lost} of ${accountId} was lost`);
    }
  }

  #look(): Look {
    const world = this.#world;
    const household = world.bridge.household();
    const sessions = new Map<AccountId, SessionLook>();
    for (const { accountId } of world.phones) {
      const view = household?.view(accountId).session;
      if (view === undefined) continue;
      const { activeSpeakerId, playback, repeat } = view;
      sessions.set(accountId, { isPlaying: playback === 'playing', isEndless: repeat !== 'off', activeSpeakerId });
    }
    return {
      volumes: world.speakers.map((speaker) => speaker.view()?.speaker.volume),
      links: world.speakers.map(({ name }) => world.audit.linksOf(name)),
      sessions,
    };
  }
}

/** What of a session only people change. */
interface Asked {
  readonly context: object;
  readonly edits: readonly object[];
  readonly upNext: readonly string[];
  /** Which track is loaded, and as which of the queue; null when none is. */
  readonly loaded: string | null;
  /** In the track that is loaded, and which of the queue that is; null where the same may come again, or nothing is. */
  readonly place: { readonly at: string; readonly positionFrames: number } | null;
}

/** What a power cut may cost of the place, and a little for what was under way. */
const PLACE_LOST_FRAMES_MAX = 40 * FRAMES_PER_SECOND;

function askedOf({ queue, shuffleSeed, repeat, playback }: SessionState): Asked {
  const { contextUri, trackIds, list, edits = [], upNext } = queue;
  const loaded = playback.kind === 'stopped' ? null : `${queue.index} ${queue.interlude} ${playback.trackId}`;
  const isLoaded = playback.kind !== 'stopped' && repeat === 'off' && queue.interlude === null;
  const place = isLoaded ? { at: `${queue.index} ${playback.trackId}`, positionFrames: playback.positionFrames } : null;
  return { context: { contextUri, trackIds, list: list?.id, shuffleSeed, repeat }, edits, upNext, loaded, place };
}

function lostOf(before: Asked, now: Asked | undefined): string | null {
  if (now === undefined) return 'the session';
  if (!isDeepStrictEqual(before.context, now.context)) return 'what plays, or how,';
  if (!isDeepStrictEqual(before.edits, now.edits)) return 'a change of the order';
  const isSamePlace = before.place !== null && before.place.at === now.place?.at;
  if (isSamePlace && (now.place?.positionFrames ?? 0) < (before.place?.positionFrames ?? 0) - PLACE_LOST_FRAMES_MAX) {
    return `the place (${before.place?.positionFrames} frames, now ${now.place?.positionFrames})`;
  }
  // While one track is loaded none of the others is taken from the queue; unless it is one of them, and comes twice.
  const isSameTrack = before.loaded !== null && before.loaded === now.loaded;
  const mayComeAgain = before.upNext.some((trackId) => before.loaded?.endsWith(trackId) === true);
  if (isSameTrack && !mayComeAgain && before.upNext.length !== now.upNext.length) return 'what was put in';
  // What was put in is played, from the front on.
  const left = before.upNext.slice(before.upNext.length - now.upNext.length);
  return isDeepStrictEqual(left, now.upNext) ? null : 'what was put in';
}

function changedByItself(before: SessionLook, now: SessionLook): string | null {
  if (!before.isPlaying && now.isPlaying) return 'began';
  if (before.isPlaying && before.isEndless && !now.isPlaying) return 'ended';
  return before.activeSpeakerId === now.activeSpeakerId ? null : 'went to another speaker';
}
