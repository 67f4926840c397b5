/**
 * Performs what comes over MQTT, and answers where there is an id. A command that a broker had kept is nobody's wish of
 * now: it is refused and removed. Spec section 14.2.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type CommandId, commandId, type SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms, percent } from '#protocol/vocabulary/units';
import type { BusAnswer } from '#protocol/wire/bus';
import type { BusTopics } from '#protocol/wire/bus-topics';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { parseValue, speakerIdSchema } from '#protocol/wire/schema';
import type { Bus, BusMessage } from '../../ports/bus.ts';
import { HOUSE_ACCOUNT } from '../../ports/callers.ts';
import type { CatalogueReader } from '../../ports/catalogue.ts';
import type { Household, PhoneRequest } from '../../ports/household.ts';
import type { PlaylistReader } from '../../ports/playlists.ts';
import { createMessageBudget, type MessageBudget } from '../../relay/message-budget.ts';
import { createRequestLedger } from '../../relay/request-ledger.ts';
import { planPlay } from '../../views/play-plan.ts';
import {
  ANSWERS_KEPT_MAX,
  COMMAND_WITHIN,
  COMMANDS_BURST_MAX,
  COMMANDS_PER_SECOND_MAX,
  COMMANDS_RUNNING_MAX,
  UNMUTED_VOLUME,
} from './bus-limits.ts';
import { type BusCommandParts, type BusWish, parseBusPayload, wishOf } from './parse-bus-command.ts';

const COMMAND_ID_LENGTH = 22;

export interface CommandDeskPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly bus: Pick<Bus, 'publish'>;
  readonly household: Pick<Household, 'request'>;
  readonly catalogue: CatalogueReader;
  /** Absent: there are none. */
  readonly playlists?: PlaylistReader;
}

export interface CommandDeskView {
  household(): HouseholdSnapshot | null;
  /** The URI of a source on offer, or null. */
  sourceUri(name: string): string | null;
}

type Answer = Result<void, TonearmError>;

export class CommandDesk {
  readonly #ports: CommandDeskPorts;
  readonly #view: CommandDeskView;
  readonly #topics: BusTopics;
  readonly #budget: MessageBudget;
  readonly #ledger = createRequestLedger<Answer>(ANSWERS_KEPT_MAX);
  /** The last volume that was not silence. Bounded by the speakers that a household knows. */
  readonly #loudness = new Map<SpeakerId, number>();
  #running = 0;

  constructor(ports: CommandDeskPorts, view: CommandDeskView, topics: BusTopics) {
    this.#ports = ports;
    this.#view = view;
    this.#topics = topics;
    this.#budget = createMessageBudget(ports.clock, { perSecond: COMMANDS_PER_SECOND_MAX, burst: COMMANDS_BURST_MAX });
  }

  /** Remembers how loud speakers were before they are muted. */
  observe({ speakers }: Pick<HouseholdSnapshot, 'speakers'>): void {
    const known = new Set(speakers.map((speaker) => speaker.id));
    for (const id of [...this.#loudness.keys()]) if (!known.has(id)) this.#loudness.delete(id);
    for (const { id, status } of speakers)
      if (status !== null && status.volume > 0) this.#loudness.set(id, status.volume);
  }

  async receive({ topic, text, isRetained }: BusMessage): Promise<void> {
    const { bus, logger } = this.#ports;
    // Empty: somebody, or this desk, has removed a retained command.
    if (text === '') return;
    if (isRetained) {
      logger.warn('bus.retained-command-refused', { topic });
      bus.publish(topic, '', { isRetained: true });
      return;
    }
    const parts = parseBusPayload(text);
    if (!parts.ok) {
      logger.warn('bus.command-refused', { topic, code: parts.error.code, reason: parts.error.message });
      return;
    }
    const { id } = parts.value;
    const answer = await (id === null
      ? this.#perform(topic, parts.value, this.#newId())
      : this.#ledger.once(id, () => this.#perform(topic, parts.value, id)));
    if (!answer.ok)
      logger.info('bus.command-refused', { topic, code: answer.error.code, reason: answer.error.message });
    if (id !== null) this.#tell(id, answer);
  }

  #tell(id: CommandId, answer: Answer): void {
    const outcome: BusAnswer['outcome'] = answer.ok
      ? { kind: 'accepted' }
      : { kind: 'refused', error: answer.error.toBody() };
    const told: BusAnswer = { id, outcome };
    this.#ports.bus.publish(this.#topics.answer(id), JSON.stringify(told));
  }

  async #perform(topic: string, parts: BusCommandParts, id: CommandId): Promise<Answer> {
    const target = this.#target(topic);
    if (!target.ok) return target;
    const wish = wishOf(target.value.name, parts.value, target.value.speakerId);
    if (!wish.ok) return wish;
    const left = this.#timeLeft(parts);
    if (left <= 0) return refused(new TonearmError('session.deadline-passed', 'the command came after its expiry'));
    if (!this.#budget.spend()) {
      const message = `more than ${COMMANDS_PER_SECOND_MAX} commands a second`;
      return refused(new TonearmError('access.rate-limited', message));
    }
    if (this.#running >= COMMANDS_RUNNING_MAX) {
      return refused(new TonearmError('session.busy', `${COMMANDS_RUNNING_MAX} commands are under way already`));
    }
    this.#running += 1;
    try {
      return await this.#fulfil(wish.value, target.value.speakerId, { id, left });
    } catch (cause) {
      return refused(toTonearmError(cause));
    } finally {
      this.#running -= 1;
    }
  }

  #target(topic: string): Result<{ readonly speakerId: SpeakerId | null; readonly name: Named['name'] }, TonearmError> {
    const command = this.#topics.parseCommand(topic);
    if (command === null) return refused(new TonearmError('input.unknown', 'there is no such command'));
    if (command.speakerId === null) return ok({ ...command, speakerId: null });
    const speakerId = parseValue(speakerIdSchema, command.speakerId, 'the topic');
    return speakerId.ok ? ok({ name: command.name, speakerId: speakerId.value }) : speakerId;
  }

  #timeLeft({ expiresAtMs }: BusCommandParts): Ms {
    if (expiresAtMs === null) return COMMAND_WITHIN;
    return ms(Math.max(0, Math.min(COMMAND_WITHIN, expiresAtMs - this.#ports.clock.wallMs())));
  }

  async #fulfil(wish: BusWish, speakerId: SpeakerId | null, terms: Terms): Promise<Answer> {
    switch (wish.kind) {
      case 'request':
        return this.#ask(wish.request, terms);
      case 'toggle': {
        const isSounding = ['playing', 'buffering'].includes(this.#view.household()?.session.playback ?? 'stopped');
        return this.#ask({ kind: isSounding ? 'pause' : 'resume', speakerId }, terms);
      }
      case 'mute': {
        const id = speakerId ?? this.#view.household()?.session.activeSpeakerId ?? null;
        const louder = (id === null ? undefined : this.#loudness.get(id)) ?? UNMUTED_VOLUME;
        const before = this.#view.household()?.speakers.find((speaker) => speaker.id === id)?.status?.volume ?? 0;
        // Not muted, it is as loud as it is.
        if (!wish.isMuted && before > 0) return ok(undefined);
        return this.#ask({ kind: 'setVolume', speakerId: id, volume: percent(wish.isMuted ? 0 : louder) }, terms);
      }
      case 'media':
        return this.#play(wish.name, speakerId, terms);
    }
  }

  async #play(name: string, speakerId: SpeakerId | null, terms: Terms): Promise<Answer> {
    const contextUri = this.#view.sourceUri(name) ?? name;
    const wish = { contextUri, uris: undefined, offset: undefined };
    const plan = await planPlay(this.#ports.catalogue, wish, this.#ports.playlists);
    return plan.ok ? this.#ask({ kind: 'play', speakerId, positionMs: ms(0), ...plan.value }, terms) : plan;
  }

  #ask(request: PhoneRequest, { id, left }: Terms): Promise<Answer> {
    return this.#ports.household.request(request, { commandId: id, accountId: HOUSE_ACCOUNT, deadline: left });
  }

  #newId(): CommandId {
    return commandId(this.#ports.random.token(COMMAND_ID_LENGTH));
  }
}

type Named = NonNullable<ReturnType<BusTopics['parseCommand']>>;

interface Terms {
  readonly id: CommandId;
  readonly left: Ms;
}
