/**
 * One of several bridges of a household. One of them is its home and runs the relay; the others are front doors, which
 * carry what comes to them there. To doors it is a household like any other. Spec section 14.6.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, BridgeId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms, us } from '#protocol/vocabulary/units';
import { type BusTopics, busTopics } from '#protocol/wire/bus-topics';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { NODE_MESSAGE_LENGTH_MAX, nodeMessageSchema } from '#protocol/wire/node-message';
import type { SessionState } from '#protocol/wire/playback-state';
import { parseValue } from '#protocol/wire/schema';
import type { Bus, BusMessage, BusSubscription } from '../ports/bus.ts';
import type { BusSeal } from '../ports/bus-seal.ts';
import type { HouseFacts, Household, PhoneRequest, PlayedTrack, RequestOptions } from '../ports/household.ts';
import type { HouseholdLease } from '../ports/household-lease.ts';
import { createDeadline } from '../relay/deadline.ts';
import { viewSession } from '../relay/household-view.ts';
import type { SpeakerPasses } from '../relay/speaker-passes.ts';
import { type CarriedDoor, FrontDoor, type TrafficWatch } from './front-door.ts';
import { HomeDoor } from './home-door.ts';
import { HouseholdMirror } from './household-mirror.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { HOME_AWAITED_FOR, MIRROR_WITHIN, MIRRORS_MAX } from './node-limits.ts';
import { watchWelcome } from './watch-welcome.ts';

export interface HouseholdNodePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly bus: Bus;
  readonly seal: BusSeal;
  readonly lease: HouseholdLease;
  /** Where the tokens of speakers that this bridge carries are known to its HTTP door; null: nobody asks for any. */
  readonly passes: Pick<SpeakerPasses, 'adopt' | 'ended'> | null;
}

export interface HouseholdNodeView {
  /** This bridge is the home from now on: makes the relay, over a store that refuses once the term is over. */
  becomeHome(term: number): Promise<Household>;
  /** ... and not any more; the relay has been stopped. */
  becomeFront(): Promise<void>;
}

export interface HouseholdNodeOptions {
  /** Of this bridge, among those of the household; letters, digits, dashes. */
  readonly node: string;
  readonly bridgeId: BridgeId;
  readonly name: string;
  readonly version: string;
}

export class HouseholdNode implements Household {
  readonly #ports: HouseholdNodePorts;
  readonly #view: HouseholdNodeView;
  readonly #options: HouseholdNodeOptions;
  readonly #topics: BusTopics;
  readonly #keeper: LeaseKeeper;
  /** By account, in order of last use. */
  readonly #mirrors = new Map<AccountId, HouseholdMirror>();
  #waiters: (() => void)[] = [];
  #subscriptions: BusSubscription[] = [];
  #home: { readonly household: Household; readonly door: HomeDoor } | null = null;
  #front: FrontDoor | null = null;
  #isBusUp = false;
  #isStopped = false;

  constructor(ports: HouseholdNodePorts, view: HouseholdNodeView, options: HouseholdNodeOptions) {
    this.#ports = ports;
    this.#view = view;
    this.#options = options;
    this.#topics = busTopics(options.bridgeId);
    const leaseView = {
      taken: (term: number) => this.#becomeHome(term),
      lost: () => this.#becomeFront(),
      held: (node: string) => this.#visit(node),
    };
    this.#keeper = new LeaseKeeper(ports, leaseView, options.node);
  }

  get isHome(): boolean {
    return this.#home !== null;
  }

  /** Rejects with what the store rejects with. */
  async start(): Promise<void> {
    const { bus } = this.#ports;
    const inbox = this.#topics.node(this.#options.node, '+');
    this.#subscriptions = [
      bus.subscribe(inbox, (message) => this.#received(message)),
      bus.watch((isUp) => {
        this.#isBusUp = isUp;
      }),
    ];
    await this.#keeper.start();
  }

  /** Resolves when this account's household can be shown, or after a while. Doors ask before they look. */
  async prepare(accountId: AccountId): Promise<void> {
    if (this.#home !== null) return;
    await this.#whenReady(MIRROR_WITHIN);
    const mirror = this.#mirrorOf(accountId);
    if (mirror !== null) await this.#within(mirror.whenSeen(), MIRROR_WITHIN);
  }

  acceptSpeaker(link: TransportLink, how?: { readonly takesChallenge?: boolean }): void {
    if (this.#home !== null) this.#home.household.acceptSpeaker(link, how);
    else {
      const { passes } = this.#ports;
      const door = { kind: 'speaker', takesChallenge: how?.takesChallenge === true } as const;
      this.#carry(link, door, passes === null ? null : watchWelcome(passes));
    }
  }

  acceptPhone(link: TransportLink, accountId: AccountId): void {
    if (this.#home !== null) this.#home.household.acceptPhone(link, accountId);
    else this.#carry(link, { kind: 'phone', accountId }, null);
  }

  async request(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>> {
    const deadline = createDeadline(this.#ports.clock, options.deadline);
    // While the home changes, a request waits for the next one rather than be refused.
    await this.#whenReady(ms(Math.min(HOME_AWAITED_FOR, options.deadline)));
    if (this.#home !== null) return this.#home.household.request(request, { ...options, deadline: deadline.left() });
    const front = this.#front;
    if (front === null || !front.isOpen) {
      return refused(new TonearmError('connect.closed', 'no bridge of this household is its home just now'));
    }
    const answer = await front.request(request, { ...options, deadline: deadline.left() });
    // Who asks next reads what was written.
    await this.#mirrors.get(options.accountId)?.refresh();
    return answer;
  }

  showing(accountId: AccountId, trackIds: readonly TrackId[]): void {
    if (this.#home !== null) this.#home.household.showing(accountId, trackIds);
    else this.#front?.tell({ kind: 'showing', accountId, trackIds: [...trackIds] });
  }

  forgetSpeaker(speakerId: SpeakerId): boolean {
    if (this.#home !== null) return this.#home.household.forgetSpeaker(speakerId);
    this.#front?.tell({ kind: 'forget', speakerId });
    return this.facts().speakers.some((speaker) => speaker.id === speakerId);
  }

  renameSpeaker(speakerId: SpeakerId, name: string): void {
    if (this.#home !== null) this.#home.household.renameSpeaker(speakerId, name);
    else this.#front?.tell({ kind: 'rename', speakerId, name });
  }

  /** Of the home alone: the links of speakers lead there. */
  offerUpdate(version: string): void {
    this.#home?.household.offerUpdate(version);
  }

  /** Of a front door: what its doors have at hand. */
  facts(): HouseFacts {
    if (this.#home !== null) return this.#home.household.facts();
    const views = [...this.#mirrors.values()].flatMap((mirror) => mirror.view() ?? []);
    return { speakers: views.at(-1)?.speakers ?? [], playbacks: views.map((view) => view.session.playback) };
  }

  view(accountId: AccountId): HouseholdSnapshot {
    if (this.#home !== null) return this.#home.household.view(accountId);
    return this.#mirrorOf(accountId)?.view() ?? this.#nothing();
  }

  session(accountId: AccountId): SessionState | null {
    if (this.#home !== null) return this.#home.household.session(accountId);
    return this.#mirrorOf(accountId)?.told().session ?? null;
  }

  recentlyPlayed(accountId: AccountId): readonly PlayedTrack[] {
    if (this.#home !== null) return this.#home.household.recentlyPlayed(accountId);
    return this.#mirrorOf(accountId)?.told().played ?? [];
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#front?.stop('this bridge is ending');
    await this.#keeper.stop();
    for (const subscription of this.#subscriptions) subscription.end();
    this.#ready();
  }

  async #becomeHome(term: number): Promise<void> {
    this.#front?.stop('this bridge is the home now');
    const household = await this.#view.becomeHome(term);
    this.#home = { household, door: new HomeDoor({ ...this.#ports, household }) };
    this.#ports.logger.info('node.home-taken', { node: this.#options.node, term });
    this.#ready();
  }

  async #becomeFront(): Promise<void> {
    const home = this.#home;
    if (home === null) return;
    this.#home = null;
    this.#ports.logger.warn('node.home-given-up', { node: this.#options.node });
    home.door.stop();
    await home.household.stop();
    await this.#view.becomeFront();
  }

  /** Asked every second: dials where there is no channel. */
  #visit(home: string): void {
    if (this.#isStopped || !this.#isBusUp || this.#front?.home === home) return;
    this.#front?.stop('another bridge is the home now');
    const view = {
      opened: () => this.#ready(),
      ended: () => {
        if (this.#front === front) this.#front = null;
        for (const mirror of this.#mirrors.values()) mirror.stop();
        this.#mirrors.clear();
      },
    };
    const front: FrontDoor = new FrontDoor(this.#ports, view, {
      home,
      topic: this.#topics.node(home, this.#options.node),
    });
    this.#front = front;
    front.dial();
  }

  #received({ topic, text, isRetained }: BusMessage): void {
    if (isRetained || text.length > 2 * NODE_MESSAGE_LENGTH_MAX) return;
    const opened = this.#ports.seal.open(text, topic);
    if (opened === null || opened.length > NODE_MESSAGE_LENGTH_MAX) {
      this.#ports.logger.warn('node.foreign-message', { topic });
      return;
    }
    const message = parseValue(nodeMessageSchema, JSON.parse(opened), 'message');
    if (!message.ok) {
      this.#ports.logger.warn('node.message-refused', { topic, reason: message.error.message });
      return;
    }
    const from = topic.split('/').at(-1) ?? '';
    this.#home?.door.take(message.value, this.#topics.node(from, this.#options.node), from);
    if (this.#front?.home === from) this.#front.take(message.value);
  }

  #carry(link: TransportLink, door: CarriedDoor, watch: TrafficWatch | null): void {
    if (this.#front !== null) {
      this.#front.carry(link, door, watch);
      return;
    }
    link.listen({ received: () => undefined, closed: () => watch?.ended() });
    link.close(CLOSE_CODES.tryLater, 'no bridge of this household is its home just now');
  }

  #mirrorOf(accountId: AccountId): HouseholdMirror | null {
    const known = this.#mirrors.get(accountId);
    const front = this.#front;
    if (known !== undefined || front === null || !front.isOpen) return known ?? null;
    const oldest = this.#mirrors.entries().next();
    if (this.#mirrors.size >= MIRRORS_MAX && !oldest.done) {
      const [id, mirror] = oldest.value;
      this.#mirrors.delete(id);
      mirror.stop();
    }
    const mirror = new HouseholdMirror(this, front, accountId);
    this.#mirrors.set(accountId, mirror);
    return mirror;
  }

  #nothing(): HouseholdSnapshot {
    const { name, version } = this.#options;
    return {
      kind: 'householdSnapshot',
      revision: 0,
      bridge: { name, version },
      speakers: [],
      session: { ...viewSession({ epoch: 0, activeSpeakerId: null, timed: null }, () => null, us(0)) },
      ingest: { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] },
    };
  }

  #ready(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** Resolves when there is a home, here or by an open channel, or after `within`. */
  async #whenReady(within: Ms): Promise<void> {
    if (this.#home !== null || this.#front?.isOpen === true || this.#isStopped) return;
    await this.#within(new Promise<void>((resolve) => this.#waiters.push(resolve)), within);
  }

  async #within(done: Promise<void>, within: Ms): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer: Timer = this.#ports.clock.setTimer('node-wait', within, late.resolve);
    await Promise.race([done, late.promise]);
    timer.cancel();
  }
}
