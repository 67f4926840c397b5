/**
 * The house on MQTT: says what its speakers do, does what is asked there, and tells Home Assistant of them if that is
 * wanted. It is a door like the others: it sees what phones see and asks as phones ask, for the house's own account.
 * Spec section 14.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { BridgeId } from '#protocol/vocabulary/ids';
import { type BusTopics, busTopics } from '#protocol/wire/bus-topics';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { Bus, BusMessage, BusSubscription, BusWill } from '../../ports/bus.ts';
import { HOUSE_ACCOUNT } from '../../ports/callers.ts';
import type { CatalogueReader } from '../../ports/catalogue.ts';
import type { ArtReader } from '../../ports/content.ts';
import type { Household } from '../../ports/household.ts';
import type { PlaylistReader } from '../../ports/playlists.ts';
import { createMessageBudget } from '../../relay/message-budget.ts';
import { ANNOUNCE_AFTER, REPAIRS_BURST_MAX, REPAIRS_PER_SECOND_MAX } from './bus-limits.ts';
import { plainValuesOf, viewBusSpeaker } from './bus-views.ts';
import { CommandDesk } from './command-desk.ts';
import { CoverPictures } from './cover-pictures.ts';
import { announceSpeaker, discoveryTopics, homeAssistantStatusTopic } from './home-assistant.ts';
import { followHousehold, type HouseholdFollower } from './household-follower.ts';
import { PublishedTopics } from './published-topics.ts';
import { SourceList } from './source-list.ts';

export interface HouseBusPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly bus: Bus;
  readonly household: Pick<Household, 'acceptPhone' | 'request'>;
  readonly catalogue: CatalogueReader;
  readonly playlists?: PlaylistReader;
  readonly art: ArtReader;
}

export interface HouseBusOptions {
  readonly bridgeId: BridgeId;
  readonly version: string;
  /** First level of Home Assistant's discovery topics; null: it is told nothing. */
  readonly homeAssistant: string | null;
}

const ONLINE = 'online';
const OFFLINE = 'offline';

/** What the connection that a `HouseBus` is given must be opened with. */
export function houseWill(bridgeId: BridgeId): BusWill {
  return { topic: busTopics(bridgeId).availability, text: OFFLINE };
}

export class HouseBus {
  readonly #ports: HouseBusPorts;
  readonly #options: HouseBusOptions;
  readonly #topics: BusTopics;
  readonly #said: PublishedTopics;
  readonly #desk: CommandDesk;
  readonly #sources: SourceList;
  readonly #covers: CoverPictures;
  #subscriptions: BusSubscription[] = [];
  #follower: HouseholdFollower | null = null;
  #announcing: Timer | null = null;
  #isConnected = false;
  #wasIngesting = false;

  constructor(ports: HouseBusPorts, options: HouseBusOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#topics = busTopics(options.bridgeId);
    const repairs = { perSecond: REPAIRS_PER_SECOND_MAX, burst: REPAIRS_BURST_MAX };
    this.#said = new PublishedTopics(ports.bus, createMessageBudget(ports.clock, repairs));
    this.#sources = new SourceList(ports.catalogue);
    this.#covers = new CoverPictures(ports.art, ports.logger);
    const view = {
      household: () => this.#follower?.view() ?? null,
      sourceUri: (name: string) => this.#sources.uri(name),
    };
    this.#desk = new CommandDesk(ports, view, this.#topics);
  }

  async start(): Promise<void> {
    await this.#refreshSources();
    const { bus, household } = this.#ports;
    this.#follower = followHousehold(household, HOUSE_ACCOUNT, (view) => this.#show(view));
    const own = [this.#topics.availability, this.#topics.session, ...this.#topics.speakerFilters];
    this.#subscriptions = [
      ...this.#topics.commandFilters.map((it) => bus.subscribe(it, (message) => void this.#desk.receive(message))),
      ...own.map((it) => bus.subscribe(it, (message) => this.#heard(message))),
      bus.watch((isConnected) => this.#connected(isConnected)),
    ];
    const prefix = this.#options.homeAssistant;
    if (prefix === null) return;
    const status = homeAssistantStatusTopic(prefix);
    this.#subscriptions.push(
      bus.subscribe(status, ({ text, isRetained }) => {
        if (text === ONLINE && !isRetained) this.#announceSoon();
      }),
    );
  }

  /** Says that the house is gone, and lets go of the bus, which is not its own to close. Twice is harmless. */
  stop(): void {
    this.#announcing?.cancel();
    this.#announcing = null;
    for (const subscription of this.#subscriptions.splice(0)) subscription.end();
    this.#follower?.stop();
    if (this.#follower !== null) this.#said.say(this.#topics.availability, OFFLINE);
    this.#follower = null;
  }

  #connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (!isConnected) return;
    this.#said.sayAllAgain();
    const view = this.#follower?.view();
    if (view != null) this.#show(view);
  }

  /** Somebody has said something on a topic of ours: most often ourselves. */
  #heard(message: BusMessage): void {
    if (!this.#said.heard(message)) return;
    this.#ports.logger.warn('bus.foreign-message-put-right', { topic: message.topic, isRetained: message.isRetained });
  }

  #show(view: HouseholdSnapshot): void {
    this.#desk.observe(view);
    if (this.#wasIngesting && !view.ingest.isRunning) void this.#refreshSources().then(() => this.#showAgain());
    this.#wasIngesting = view.ingest.isRunning;
    // Before a connection there is nobody to say it to; all of it is said then.
    if (!this.#isConnected) return;
    const { availability, session } = this.#topics;
    this.#said.say(availability, ONLINE);
    this.#said.say(session, JSON.stringify(view.session));
    for (const speaker of view.speakers) this.#showSpeaker(view, speaker);
    const known = new Set<string>(view.speakers.map((speaker) => speaker.id));
    const announced = new Set(view.speakers.flatMap(({ id }) => this.#discoveryOf(id)));
    this.#said.forget((topic) => {
      if (topic === availability || topic === session) return false;
      const about = this.#topics.speakerOf(topic);
      return about === null ? !announced.has(topic) : !known.has(about);
    });
    void this.#covers.show(view.session.track?.artPath ?? null).then((isNews) => isNews && this.#showAgain());
  }

  #showAgain(): void {
    const view = this.#follower?.view();
    if (view != null) this.#show(view);
  }

  #showSpeaker(view: HouseholdSnapshot, speaker: HouseholdSnapshot['speakers'][number]): void {
    const own = this.#topics.speaker(speaker.id);
    const state = viewBusSpeaker(speaker, view, this.#sources.has());
    this.#said.say(own.availability, speaker.isOnline ? ONLINE : OFFLINE);
    this.#said.say(own.state, JSON.stringify(state));
    const prefix = this.#options.homeAssistant;
    if (prefix === null) return;
    for (const [name, value] of Object.entries(plainValuesOf(state))) {
      this.#said.say(own.plain(name as keyof ReturnType<typeof plainValuesOf>), value);
    }
    this.#said.say(own.plain('cover'), speaker.isActive ? this.#covers.text : '');
    const options = { prefix, version: this.#options.version, sources: this.#sources.names() };
    for (const { topic, text } of announceSpeaker(speaker, this.#topics, options)) this.#said.say(topic, text);
  }

  #discoveryOf(id: HouseholdSnapshot['speakers'][number]['id']): readonly string[] {
    const prefix = this.#options.homeAssistant;
    if (prefix === null) return [];
    const { device, player } = discoveryTopics(prefix, id);
    return [device, player];
  }

  /** Home Assistant is up anew, and has forgotten everything that its broker had not kept. */
  #announceSoon(): void {
    this.#announcing?.cancel();
    this.#announcing = this.#ports.clock.setTimer('home-assistant-announce', ANNOUNCE_AFTER, () => {
      this.#announcing = null;
      this.#said.sayAllAgain();
    });
  }

  async #refreshSources(): Promise<void> {
    await this.#sources.refresh().catch((cause: unknown) => {
      this.#ports.logger.warn('bus.sources-unread', { reason: toTonearmError(cause).message });
    });
  }
}
