/**
 * The home's end of its front doors' channels: what comes in there comes in here, as links and requests like any others.
 * Spec section 14.6.
 */
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import type { NodeBody, NodeMessage } from '#protocol/wire/node-message';
import type { Household } from '../ports/household.ts';
import { NodeChannel, type NodeChannelPorts } from './node-channel.ts';
import { CHANNEL_LINKS_MAX, CHANNELS_MAX } from './node-limits.ts';
import { RemoteLink } from './remote-link.ts';

const TOKEN_LENGTH = 22;

export interface HomeDoorPorts extends NodeChannelPorts {
  readonly random: Pick<Random, 'token'>;
  readonly logger: Logger;
  readonly household: Household;
}

export class HomeDoor {
  readonly #ports: HomeDoorPorts;
  readonly #visits = new Map<string, Visit>();
  #isStopped = false;

  constructor(ports: HomeDoorPorts) {
    this.#ports = ports;
  }

  /** @param topic where the front door listens; node: its name */
  take(message: NodeMessage, topic: string, node: string): void {
    if (this.#isStopped) return;
    const known = this.#visits.get(message.channel);
    if (known !== undefined) known.channel.take(message);
    else if (message.body.kind === 'dial' && message.sequence === 0) this.#accept(message.channel, topic, node);
  }

  /** Ends every channel, and so every link that came by one. Twice is harmless. */
  stop(): void {
    this.#isStopped = true;
    for (const visit of [...this.#visits.values()]) visit.channel.end('this bridge is not the home any more');
  }

  #accept(channel: string, topic: string, node: string): void {
    const { logger, random } = this.#ports;
    if (this.#visits.size >= CHANNELS_MAX) {
      logger.warn('node.front-door-refused', { node, reason: `${CHANNELS_MAX} channels are open already` });
      return;
    }
    const visit = new Visit(this.#ports, { topic, channel, peer: random.token(TOKEN_LENGTH) }, (reason) => {
      this.#visits.delete(channel);
      logger.info('node.front-door-closed', { node, reason });
    });
    this.#visits.set(channel, visit);
    logger.info('node.front-door-opened', { node });
    visit.begin();
  }
}

/** One front door that is connected. */
class Visit {
  readonly channel: NodeChannel;
  readonly #ports: HomeDoorPorts;
  readonly #links = new Map<number, RemoteLink>();

  constructor(
    ports: HomeDoorPorts,
    at: { readonly topic: string; readonly channel: string; readonly peer: string },
    ended: (reason: string) => void,
  ) {
    this.#ports = ports;
    const view = {
      said: (body: NodeBody) => this.#take(body),
      ended: (reason: string) => {
        ended(reason);
        for (const link of [...this.#links.values()]) link.closed(CLOSE_CODES.goingAway, reason);
      },
    };
    // The dial that opened it was the front door's message 0.
    this.channel = new NodeChannel(ports, view, { ...at, expected: 1 });
  }

  begin(): void {
    this.channel.say({ kind: 'accept' });
  }

  #take(body: NodeBody): void {
    const { household } = this.#ports;
    switch (body.kind) {
      case 'open':
        this.#open(body);
        return;
      case 'text':
        this.#links.get(body.link)?.received(body.text);
        return;
      case 'close':
        this.#links.get(body.link)?.closed(body.code, body.reason);
        return;
      case 'request':
        void this.#perform(body);
        return;
      case 'ask': {
        const { question, accountId } = body;
        const played = household.recentlyPlayed(accountId).map((entry) => ({ ...entry }));
        this.channel.say({ kind: 'told', question, session: household.session(accountId), played });
        return;
      }
      case 'showing':
        household.showing(body.accountId, body.trackIds);
        return;
      case 'forget':
        household.forgetSpeaker(body.speakerId);
        return;
      case 'rename':
        household.renameSpeaker(body.speakerId, body.name);
        return;
      default:
        this.channel.end(`a front door does not say ${body.kind}`);
    }
  }

  #open({ link: id, door }: Extract<NodeBody, { kind: 'open' }>): void {
    if (this.#links.has(id) || this.#links.size >= CHANNEL_LINKS_MAX) {
      this.channel.say({ kind: 'close', link: id, code: CLOSE_CODES.tryLater, reason: 'too many links' });
      return;
    }
    const link = new RemoteLink(this.channel, id, () => this.#links.delete(id));
    this.#links.set(id, link);
    if (door.kind === 'speaker') this.#ports.household.acceptSpeaker(link, { takesChallenge: door.takesChallenge });
    else this.#ports.household.acceptPhone(link, door.accountId);
  }

  async #perform(asked: Extract<NodeBody, { kind: 'request' }>): Promise<void> {
    const { question, commandId, accountId, deadlineMs: deadline, body } = asked;
    const answer = await this.#ports.household
      .request(body.kind === 'transfer' ? { ...body, isPlaying: body.isPlaying } : body, {
        commandId,
        accountId,
        deadline,
      })
      .catch((cause: unknown) => refused(toTonearmError(cause)));
    const outcome = answer.ok
      ? ({ kind: 'accepted' } as const)
      : ({ kind: 'refused', error: answer.error.toBody() } as const);
    this.channel.say({ kind: 'answer', question, outcome });
  }
}
