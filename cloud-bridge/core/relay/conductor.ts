/**
 * Performs what phones ask: decides which speaker it is for and what has to happen around it (a new epoch, a hand-over,
 * giving a restarted speaker its session back). One request at a time; the household sees to that. Spec section 5.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { CommandId, SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { percent } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import type { PhoneRequest } from '../ports/household.ts';
import type { ContextLists } from './context-lists.ts';
import type { Deadline } from './deadline.ts';
import { handOver } from './hand-over.ts';
import type { HandOverPorts } from './hand-over-steps.ts';
import { RELEASE_WITHIN } from './limits.ts';
import { currentTrackOf } from './next-tracks.ts';
import { isSounding } from './playback-position.ts';
import type { Accepted } from './roster.ts';
import type { SessionRecord } from './session-record.ts';
import type { Speaker } from './speaker.ts';

export interface RequestTerms {
  readonly id: CommandId;
  readonly deadline: Deadline;
}

/** Who performed it, and the answer; null where no speaker had anything to do. */
export type Performed = { readonly speaker: Speaker; readonly accepted: Accepted } | null;
type Outcome = Promise<Result<Performed, TonearmError>>;

/** What only the one who plans a session has to know. */
export interface ConductorPorts extends HandOverPorts {
  readonly lists: ContextLists;
  /** Whose session a speaker writes. */
  readonly sessions: { writtenBy(speaker: SpeakerId): { readonly record: SessionRecord } | null };
}

type SessionRequest = Exclude<PhoneRequest, { kind: 'play' | 'transfer' | 'setVolume' }>;

export class Conductor {
  readonly #ports: ConductorPorts;

  constructor(ports: ConductorPorts) {
    this.#ports = ports;
  }

  perform(request: PhoneRequest, terms: RequestTerms): Outcome {
    switch (request.kind) {
      case 'play':
        return this.#play(request, terms);
      case 'transfer':
        return this.#transfer(request.speakerId, request.isPlaying, terms);
      case 'setVolume':
        return this.setVolume(request, terms);
      default:
        return this.#changeSession(request, terms);
    }
  }

  /** Needs no turn: a volume is its speaker's own, and must not wait for a hand-over. */
  async setVolume(request: Extract<PhoneRequest, { kind: 'setVolume' }>, terms: RequestTerms): Outcome {
    const target = this.#target(request.speakerId);
    if (!target.ok) return target;
    return this.#tell(target.value, { kind: 'setVolume', volume: percent(request.volume) }, terms);
  }

  /** Tells every connected speaker but the writer, if it seems to hold this session, to let go of it. */
  fence(writer: Speaker, previousId: SpeakerId | null): void {
    const { roster, session } = this.#ports;
    for (const speaker of roster.all()) {
      if (speaker === writer || speaker.link === null || speaker.releasedIn >= session.epoch) continue;
      if (speaker.known.id === previousId || session.isOf(speaker.report?.session ?? null)) this.release(speaker);
    }
  }

  /** Tells a speaker that is not the writer to let go. */
  release(speaker: Speaker): void {
    const { roster, session } = this.#ports;
    speaker.releasedIn = session.epoch;
    void roster.tell(speaker, { kind: 'release' }, { epoch: session.epoch, deadline: RELEASE_WITHIN });
  }

  async #play(request: Extract<PhoneRequest, { kind: 'play' }>, terms: RequestTerms): Outcome {
    const { lists, session } = this.#ports;
    const found = this.#target(request.speakerId);
    if (!found.ok) return found;
    const target = found.value;
    const { contextUri, index, positionMs } = request;
    const list = lists.name(request.trackIds);
    const body: CommandBody = {
      kind: 'play',
      ...(session.accountId === HOUSE_ACCOUNT ? {} : { accountId: session.accountId }),
      contextUri,
      trackIds: [...request.trackIds],
      ...(list === undefined ? {} : { list }),
      index,
      positionMs,
    };
    if (session.writerId === target.known.id) return this.#tell(target, body, terms);
    return target.turns.run(() => this.#begin(target, body, terms));
  }

  /** Plays on a speaker that is not the writer; whoever's session was there is kept by the bridge. */
  async #begin(target: Speaker, body: CommandBody, terms: RequestTerms): Outcome {
    const { roster, session } = this.#ports;
    const epoch = session.nextEpoch();
    const reserved = await session.reserve(epoch);
    if (!reserved.ok) return reserved;
    const previous = session.writerId;
    const answer = await roster.tell(target, body, { epoch, deadline: terms.deadline.left(), id: terms.id });
    if (!answer.ok) {
      // The old writer goes on as if nothing had been asked, also after a kill.
      await session.save();
      return answer;
    }
    session.become(target.known.id, epoch);
    this.fence(target, previous);
    await session.save();
    return ok({ speaker: target, accepted: answer.value });
  }

  async #transfer(speakerId: SpeakerId, isPlaying: boolean | undefined, terms: RequestTerms): Outcome {
    const { roster, session } = this.#ports;
    const found = roster.online(speakerId);
    if (!found.ok) return found;
    const target = found.value;
    const state = session.timed?.state ?? null;
    if (session.writerId === speakerId) {
      if (state === null || isPlaying === undefined || isPlaying === isSounding(state)) return ok(null);
      return this.#tell(target, { kind: isPlaying ? 'resume' : 'pause' }, terms);
    }
    if (state === null || currentTrackOf(state) === null) {
      const previous = roster.find(session.writerId);
      session.activeSpeakerId = speakerId;
      session.keep();
      if (previous !== null && previous.link !== null) this.release(previous);
      await session.save();
      return ok(null);
    }
    return this.#handOver(target, isPlaying ?? isSounding(state), terms);
  }

  async #changeSession(request: SessionRequest, terms: RequestTerms): Outcome {
    const { session } = this.#ports;
    const found = this.#target(request.speakerId);
    if (!found.ok) return found;
    const target = found.value;
    const body = commandOf(request);
    if (session.writerId === target.known.id) return this.#tell(target, body, terms);
    if (request.kind === 'resume') return this.#handOver(target, true, terms);
    if (session.activeSpeakerId !== target.known.id || request.kind === 'pause') {
      const message = `"${target.known.name}" is not playing; play or transfer to it first`;
      return refused(new TonearmError('session.not-playing', message, { field: 'speakerId' }));
    }
    // The active speaker was restarted and knows nothing: it first gets its session back.
    const restored = await this.#handOver(target, false, { ...terms, id: this.#ports.roster.newCommandId() });
    return restored.ok ? this.#tell(target, body, terms) : restored;
  }

  #handOver(target: Speaker, isPlaying: boolean, { id, deadline }: RequestTerms): Outcome {
    const { roster, session } = this.#ports;
    return target.turns.run(async () => {
      await this.#takeFromOthers(target);
      const writer = roster.find(session.writerId);
      const from = writer?.link == null ? null : writer;
      const done = await handOver(this.#ports, { target, from, isPlaying, deadline, id });
      return done.ok ? ok({ speaker: target, accepted: done.value }) : done;
    });
  }

  /** Somebody else's session that the target plays: let go of first, since preparing ends it, and then kept where it was. */
  async #takeFromOthers(target: Speaker): Promise<void> {
    const { clock, roster, session, sessions } = this.#ports;
    const other = sessions.writtenBy(target.known.id)?.record;
    if (other === undefined || other === session) return;
    const terms = { epoch: target.epochAtLeast(other.epoch), deadline: RELEASE_WITHIN };
    const answer = await roster.tell(target, { kind: 'release' }, terms);
    if (answer.ok && answer.value.session) other.timed = { state: answer.value.session, positionAtUs: clock.nowUs() };
    other.taken(session.called);
  }

  #target(speakerId: SpeakerId | null): Result<Speaker, TonearmError> {
    const { roster, session } = this.#ports;
    const id = speakerId ?? session.activeSpeakerId;
    if (id !== null) return roster.online(id);
    const message = 'no speaker is active; name one, or transfer to one first';
    return refused(new TonearmError('session.no-active-speaker', message));
  }

  async #tell(speaker: Speaker, body: CommandBody, { id, deadline }: RequestTerms): Outcome {
    const { roster, session } = this.#ports;
    const epoch = speaker.epochAtLeast(session.epoch);
    const answer = await roster.tell(speaker, body, { epoch, deadline: deadline.left(), id });
    return answer.ok ? ok({ speaker, accepted: answer.value }) : answer;
  }
}

function commandOf(request: SessionRequest): CommandBody {
  switch (request.kind) {
    case 'seek':
      return { kind: 'seek', positionMs: request.positionMs };
    case 'setShuffle':
      return { kind: 'setShuffle', isOn: request.isOn };
    case 'setRepeat':
      return { kind: 'setRepeat', mode: request.mode };
    case 'enqueue':
      return { kind: 'enqueue', trackId: request.trackId };
    case 'queueAdd':
      return { kind: 'queueAdd', trackIds: [...request.trackIds], isNext: request.isNext };
    case 'queueRemove':
      return { kind: 'queueRemove', uids: [...request.uids] };
    case 'queueMove':
      return { kind: 'queueMove', uid: request.uid, after: request.after };
    default:
      return { kind: request.kind };
  }
}
