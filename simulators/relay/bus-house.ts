/** A household of scripted speakers that speaks MQTT at a virtual broker, and somebody out there who listens and asks. */
import type { BusMessage } from '#bridge/core/ports/bus';
import type { Album, CatalogueReader } from '#bridge/core/ports/catalogue';
import type { Household } from '#bridge/core/ports/household';
import { HouseBus, houseWill } from '#bridge/core/services/house-bus/house-bus';
import { silentLogger } from '#protocol/kit/silent-logger';
import { albumId, bridgeId, type TrackId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { type BusAnswer, type BusSpeakerState, busAnswerSchema, busSpeakerStateSchema } from '#protocol/wire/bus';
import { busTopics } from '#protocol/wire/bus-topics';
import { VirtualBroker, type VirtualBus } from '#sim/network/virtual-broker';
import { RelayRoom, trackNumber } from './relay-room.ts';

const HOUSE = bridgeId('bus-test-house');
const ALBUM = albumId(`${'B'.repeat(21)}1`);
const ALBUM_URI = `tonearm:album:${ALBUM}`;

export class BusHouse {
  readonly room = new RelayRoom();
  readonly broker = new VirtualBroker(this.room.clock);
  readonly topics = busTopics(HOUSE);
  readonly album = { name: 'Album', uri: ALBUM_URI };
  /** All that a stranger at the broker has heard. */
  readonly heard: BusMessage[] = [];
  readonly stranger: VirtualBus;
  #bus: VirtualBus | null = null;
  #house: HouseBus | null = null;

  constructor() {
    this.stranger = this.broker.dial();
    this.stranger.subscribe('#', (message) => this.heard.push(message));
  }

  get bus(): VirtualBus {
    if (this.#bus === null) throw new Error('the house does not speak MQTT');
    return this.#bus;
  }

  async start(homeAssistant: string | null = null): Promise<void> {
    await this.room.start();
    await this.speak(homeAssistant, this.room.household);
  }

  /** @param household whom it speaks for */
  async speak(homeAssistant: string | null, household: Pick<Household, 'acceptPhone' | 'request'>): Promise<void> {
    const { clock, random } = this.room;
    this.#bus = this.broker.dial(houseWill(HOUSE));
    const art = { art: async () => ok({ mediaType: 'image/jpeg', bytes: new Uint8Array([255, 216, 255]) }) };
    const ports = { clock, random, logger: silentLogger, bus: this.#bus, household, catalogue, art };
    this.#house = new HouseBus(ports, { bridgeId: HOUSE, version: '1.2.3', homeAssistant });
    await this.#house.start();
    await this.run();
  }

  stop(): void {
    this.#house?.stop();
  }

  /** As somebody out there says it. */
  say(topic: string, payload: unknown, isRetained = false): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    this.stranger.publish(topic, text, { isRetained });
  }

  async run(forMs = 300): Promise<void> {
    await this.room.run(ms(forMs));
  }

  /** What is kept of a speaker. */
  state(id: string): BusSpeakerState {
    return busSpeakerStateSchema.parse(JSON.parse(this.broker.retained(this.topics.speaker(id).state) ?? 'null'));
  }

  answers(): BusAnswer[] {
    const answers = this.heard.filter(({ topic }) => topic.includes('/answers/'));
    return answers.map(({ text }) => busAnswerSchema.parse(JSON.parse(text)));
  }
}

const ARTISTS = [{ id: 'A'.repeat(22), name: 'Somebody' }] as unknown as Album['artists'];
const ALBUMS: readonly Album[] = [
  { id: ALBUM, title: 'Album', artists: ARTISTS, year: null, genres: [], trackCount: 2, artPath: null, addedAtMs: 0 },
];
const TRACKS = [trackNumber(1), trackNumber(2)];

/** As much of a catalogue as playing an album asks for. */
const catalogue = {
  albums: async () => ({ items: ALBUMS, total: 1 }),
  albumTracks: async () => ok(TRACKS.map((id) => ({ id, availability: 'ready' }))),
  tracks: async (ids: readonly TrackId[]) => ids.filter((id) => TRACKS.includes(id)).map((id) => ({ id })),
} as unknown as CatalogueReader;
