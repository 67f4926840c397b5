/**
 * The contexts that go by lists: names them, tells them to the speaker that is to play them before it is told to, and puts
 * their tracks back into what speakers say. Spec section 6.6.
 */
import { createTrackLists, foldSession, type TrackLists, unfoldSession } from '#protocol/kit/track-lists';
import { base62Of, type ListId, listId, type TrackId } from '#protocol/vocabulary/ids';
import type { CommandBody } from '#protocol/wire/command';
import { type ListName, QUEUE_TRACKS_MAX, type SessionState } from '#protocol/wire/playback-state';
import type { TrackList } from '#protocol/wire/track-list';
import type { Digest } from '../ports/digest.ts';
import { INLINE_TRACKS_MAX, LISTS_HELD } from './limits.ts';
import type { Speaker } from './speaker.ts';
import type { SpeakerLink } from './speaker-link.ts';

type Named = Extract<CommandBody, { kind: 'play' }>;

export class ContextLists {
  readonly #digest: Digest;
  readonly #held = createTrackLists(LISTS_HELD);
  /** What each link is telling. */
  readonly #parts = new WeakMap<SpeakerLink, TrackLists>();

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  /** The name of a context, which is held from now on; undefined for one so short that it needs none. */
  name(trackIds: readonly TrackId[]): ListName | undefined {
    if (trackIds.length <= INLINE_TRACKS_MAX) return undefined;
    const id = this.#idOf(trackIds);
    this.#held.put(id, trackIds);
    return { id, count: trackIds.length };
  }

  /** A session that an earlier bridge had. */
  hold({ queue }: SessionState): void {
    if (queue.list !== undefined) this.#held.put(queue.list.id, queue.trackIds);
  }

  /** As the speaker takes it. Tells it the list that the command names, unless it said that it plays it. @param isToldAgain it has forgotten it all the same */
  bodyFor(speaker: Speaker, body: CommandBody, isToldAgain = false): CommandBody {
    if (body.kind === 'prepare') {
      const { queue } = body.session;
      if (queue.list === undefined) return body;
      if (this.#tell(speaker, queue.list, queue.trackIds, isToldAgain))
        return { ...body, session: foldSession(body.session) };
      const { list: _list, edits: _edits, ...plain } = queue;
      return { ...body, session: { ...body.session, queue: { ...plain, ...windowOf(queue) } } };
    }
    if (body.kind !== 'play' || body.list === undefined) return body;
    if (this.#tell(speaker, body.list, body.trackIds, isToldAgain)) return { ...body, trackIds: [] };
    const { list: _list, ...plain } = body;
    return { ...plain, ...windowOf(body) };
  }

  /** The session with its tracks; null where its list is not held. */
  unfold(session: SessionState): SessionState | null {
    return unfoldSession(session, (id) => this.#held.get(id));
  }

  /**
   * A part that a speaker was asked for. What a speaker says is taken for a list only when its hash says so.
   * @returns whether a list is whole with it, and is what its id says
   */
  take(link: SpeakerLink, part: TrackList): boolean {
    const parts = this.#parts.get(link) ?? createTrackLists({ lists: 1, entries: 0 });
    this.#parts.set(link, parts);
    const whole = parts.take(part);
    if (whole === null || this.#idOf(whole) !== part.listId) return false;
    this.#held.put(part.listId, whole);
    return true;
  }

  #idOf(trackIds: readonly TrackId[]): ListId {
    return listId(base62Of(this.#digest.sha256(trackIds.join('\n'))));
  }

  /** @returns false when the speaker does not know lists */
  #tell({ link, report }: Speaker, { id }: ListName, trackIds: readonly TrackId[], isToldAgain: boolean): boolean {
    if (link === null || !link.takesLists) return false;
    if (isToldAgain || report?.session?.queue.list?.id !== id) link.tellList(id, trackIds);
    return true;
  }
}

/** As many as a message takes, the current one first where they do not all fit. */
function windowOf({ trackIds, index }: Pick<Named, 'trackIds' | 'index'>): Pick<Named, 'trackIds' | 'index'> {
  if (trackIds.length <= QUEUE_TRACKS_MAX) return { trackIds, index };
  const from = Math.min(index, trackIds.length - QUEUE_TRACKS_MAX);
  return { trackIds: trackIds.slice(from, from + QUEUE_TRACKS_MAX), index: index - from };
}
