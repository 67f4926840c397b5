/**
 * While nobody presses anything and nothing breaks, nothing changes but what plays on: nobody's music begins, ends before its
 * time or moves elsewhere, and no volume changes. Looked at from one quiet point to the next.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AccountId } from '#protocol/vocabulary/ids';
import type { World } from '#sim/world/world';

interface Look {
  readonly volumes: readonly (number | undefined)[];
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

  constructor(world: World) {
    this.#world = world;
  }

  /** Something was done: what comes of it is not known here. */
  forget(): void {
    this.#last = null;
  }

  /** @throws with what has changed by itself */
  look(): void {
    const now = this.#look();
    const before = this.#last;
    this.#last = now;
    if (before === null) return;
    if (!isDeepStrictEqual(before.volumes, now.volumes)) {
      throw new Error(`nobody did anything, and the volumes went from ${before.volumes} to ${now.volumes}`);
    }
    for (const [accountId, session] of now.sessions) {
      const last = before.sessions.get(accountId);
      if (last === undefined) continue;
      const problem = changedByItself(last, session);
      if (problem !== null) throw new Error(`nobody did anything, and the music of ${accountId} ${problem}`);
    }
  }

  #look(): Look {
    const { world } = { world: this.#world };
    const household = world.bridge.household();
    const sessions = new Map<AccountId, SessionLook>();
    for (const { accountId } of world.phones) {
      const view = household?.view(accountId).session;
      if (view === undefined) continue;
      const { activeSpeakerId, playback, repeat } = view;
      sessions.set(accountId, { isPlaying: playback === 'playing', isEndless: repeat !== 'off', activeSpeakerId });
    }
    return { volumes: world.speakers.map((speaker) => speaker.view()?.speaker.volume), sessions };
  }
}

function changedByItself(before: SessionLook, now: SessionLook): string | null {
  if (!before.isPlaying && now.isPlaying) return 'began';
  if (before.isPlaying && before.isEndless && !now.isPlaying) return 'ended';
  return before.activeSpeakerId === now.activeSpeakerId ? null : 'went to another speaker';
}
