/** The speakers of the household, connected or away, and how one is told something. */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type CommandId, commandId, type SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Ms } from '#protocol/vocabulary/units';
import type { CommandBody, Outcome } from '#protocol/wire/command';
import type { Hello } from '#protocol/wire/hello';
import type { KnownSpeaker, SessionStore } from '../ports/session-store.ts';
import type { ContextLists } from './context-lists.ts';
import { KNOWN_SPEAKERS_MAX } from './limits.ts';
import { Speaker } from './speaker.ts';

/** Characters of an id that the bridge makes for a command of its own. */
const COMMAND_ID_LENGTH = 22;

export type Accepted = Extract<Outcome, { kind: 'accepted' }>;

export interface RosterPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sessions: SessionStore;
  readonly lists: ContextLists;
}

export class Roster {
  readonly #ports: RosterPorts;
  readonly #speakers: Map<SpeakerId, Speaker>;
  /** The same, always in order: it is asked for at every change, and there may be thousands. */
  readonly #ordered: Speaker[];

  constructor(ports: RosterPorts, known: readonly KnownSpeaker[]) {
    this.#ports = ports;
    this.#speakers = new Map(known.map((speaker) => [speaker.id, new Speaker(ports.clock, speaker)]));
    this.#ordered = [...this.#speakers.values()].sort(compareSpeakers);
  }

  /** By name, then id, so that every phone shows the same order. */
  all(): readonly Speaker[] {
    return this.#ordered;
  }

  find(id: SpeakerId | null): Speaker | null {
    return id === null ? null : (this.#speakers.get(id) ?? null);
  }

  /** A connected speaker, or `session.speaker-not-found`. */
  online(id: SpeakerId): Result<Speaker, TonearmError> {
    const speaker = this.find(id);
    const field = { field: 'speakerId' };
    if (speaker === null) {
      return refused(new TonearmError('session.speaker-not-found', 'no speaker of that id is known here', field));
    }
    if (speaker.link !== null) return ok(speaker);
    return refused(new TonearmError('session.speaker-not-found', `"${speaker.known.name}" is not connected`, field));
  }

  /** Remembers who said hello. @returns null when too many are known and connected */
  async register(hello: Hello['speaker']): Promise<Speaker | null> {
    const { clock, logger, sessions } = this.#ports;
    const known: KnownSpeaker = { ...hello, lastSeenMs: clock.wallMs() };
    let speaker = this.#speakers.get(hello.id);
    if (speaker === undefined) {
      if (!this.#makeRoom()) return null;
      speaker = new Speaker(clock, known);
      this.#speakers.set(hello.id, speaker);
      this.#place(speaker);
    } else if (speaker.known.name === known.name) {
      speaker.known = known;
    } else {
      this.#unplace(speaker);
      speaker.known = known;
      this.#place(speaker);
    }
    try {
      await sessions.saveSpeaker(known);
    } catch (cause) {
      // It is remembered again at its next hello; that is no reason to turn it away.
      logger.error('speaker.save-failed', { speakerId: hello.id, reason: toTonearmError(cause).message });
    }
    return speaker;
  }

  /** Nobody shows it any more, and the store knows it no longer; one that is connected must have been sent away. */
  remove(id: SpeakerId): boolean {
    const speaker = this.#speakers.get(id);
    if (speaker === undefined) return false;
    this.#forget(speaker);
    const { sessions, logger } = this.#ports;
    sessions.forgetSpeaker(id).catch((cause: unknown) => {
      logger.error('speaker.forget-failed', { speakerId: id, reason: toTonearmError(cause).message });
    });
    return true;
  }

  /** Without one of that id: harmless. The store has the name from the registry, at its next hello. */
  rename(id: SpeakerId, name: string): void {
    const speaker = this.#speakers.get(id);
    if (speaker === undefined) return;
    this.#unplace(speaker);
    speaker.known = { ...speaker.known, name };
    this.#place(speaker);
  }

  /** An id for a command of the bridge's own. */
  newCommandId(): CommandId {
    return commandId(this.#ports.random.token(COMMAND_ID_LENGTH));
  }

  /**
   * Tells a speaker to do something and waits for its answer.
   * @returns its own refusal as our error; `session.superseded` when it knows a newer epoch
   */
  async tell(
    speaker: Speaker,
    body: CommandBody,
    terms: { readonly epoch: number; readonly deadline: Ms; readonly id?: CommandId },
  ): Promise<Result<Accepted, TonearmError>> {
    const link = speaker.link;
    if (link === null) {
      return refused(new TonearmError('connect.closed', `"${speaker.known.name}" is not connected`));
    }
    const full = { ...terms, id: terms.id ?? this.newCommandId() };
    const { lists } = this.#ports;
    const first = await link.command(lists.bodyFor(speaker, body), full);
    const isListMissing =
      first.ok && first.value.kind === 'refused' && first.value.error.code === 'session.list-missing';
    // Its process may have been another one when it told what it plays.
    const answer = isListMissing ? await link.command(lists.bodyFor(speaker, body, true), full) : first;
    if (!answer.ok) return answer;
    const outcome = answer.value;
    if (outcome.kind === 'accepted') return ok(this.#whole(outcome));
    if (outcome.kind === 'refused') {
      const { code, message, field } = outcome.error;
      return refused(new TonearmError(code, message, field === undefined ? {} : { field }));
    }
    // It was made the writer by somebody else, or we have lost our store: its state tells.
    link.askForState();
    const message = `"${speaker.known.name}" is in epoch ${outcome.epoch}, newer than ${terms.epoch}`;
    return refused(new TonearmError('session.superseded', message, { context: { epoch: outcome.epoch } }));
  }

  /** With the tracks of the session in it; without a session whose list is not at hand, as from who does not tell it. */
  #whole(accepted: Accepted): Accepted {
    if (!accepted.session) return accepted;
    const { session, ...rest } = accepted;
    const whole = this.#ports.lists.unfold(session);
    return whole === null ? rest : { ...rest, session: whole };
  }

  #makeRoom(): boolean {
    if (this.#speakers.size < KNOWN_SPEAKERS_MAX) return true;
    let oldest: Speaker | null = null;
    for (const speaker of this.#ordered) {
      if (speaker.link !== null) continue;
      if (oldest === null || speaker.known.lastSeenMs < oldest.known.lastSeenMs) oldest = speaker;
    }
    if (oldest !== null) this.#forget(oldest);
    return oldest !== null;
  }

  #forget(speaker: Speaker): void {
    this.#unplace(speaker);
    this.#speakers.delete(speaker.known.id);
  }

  #place(speaker: Speaker): void {
    this.#ordered.splice(this.#placeOf(speaker), 0, speaker);
  }

  #unplace(speaker: Speaker): void {
    this.#ordered.splice(this.#placeOf(speaker), 1);
  }

  /** Where it is, or belongs: the first place that is not before it. */
  #placeOf(speaker: Speaker): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#ordered[middle];
      if (other !== undefined && compareSpeakers(other, speaker) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compareSpeakers(a: Speaker, b: Speaker): number {
  return compare(a.known.name, b.known.name) || compare(a.known.id, b.known.id);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
