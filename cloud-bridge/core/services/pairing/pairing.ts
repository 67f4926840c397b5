/**
 * How speakers come to a house: those on the network that are nobody's yet, and pairing one of them by the code that it
 * says. One at a time, since whoever types codes is one person.
 */
import type { PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import { houseFull } from '#bridge/core/ports/paired-speakers';
import type { DoorAddress, SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import type { Clock } from '#protocol/ports/clock';
import type { Browser, Discovery, FoundService } from '#protocol/ports/discovery';
import type { IdentityCheck } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import { PAIRING_SALT_BYTES, type PairingCipher } from '#protocol/ports/pairing-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, type BridgeId, ID_PATTERNS, type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import {
  linkProof,
  type PairingBridge,
  type PairingHouse as PairingHouseTold,
  type PairingLink,
  parsePairingCode,
} from '#protocol/wire/pairing';
import { SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';
import { type PairedPeer, pairSpeaker, wrongCode } from './pair-speaker.ts';

/** Speakers asked at once whether they can be paired; a network with more unpaired ones is a shop's. */
const CANDIDATES_MAX = 32;
/** A speaker counts as here only with a name and an id that fit; longer ones are cut. */
const NAME_LENGTH_MAX = 64;

export interface PairingPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly doors: SpeakerDoors;
  /** Null where the network is not looked at: speakers are then paired by address. */
  readonly discovery: Discovery | null;
  readonly paired: PairedSpeakers;
  readonly check: IdentityCheck;
  readonly loadCipher: () => Promise<PairingCipher>;
}

/** What a speaker is told of the house, as it is at that moment. */
export interface PairingHouse {
  readonly bridgeId: BridgeId;
  readonly publicKey: Uint8Array;
  readonly householdId: string;
  readonly tlsPin: Uint8Array;
  /** `wss://host:port`, the likeliest first. */
  readonly addresses: () => readonly string[];
  /** Null: no TLS, and nothing can be paired. */
  readonly tlsPort: () => number | null;
}

/** A speaker on the network that is not of this house. */
export interface PairingCandidate {
  readonly id: SpeakerId;
  readonly name: string;
  readonly model: string;
  readonly address: DoorAddress;
  readonly pairing: 'open' | 'closed' | 'owned' | 'unknown';
}

export interface PairingWish {
  /** One of the candidates, or an address; one of both. */
  readonly speaker: { readonly id: SpeakerId } | { readonly address: DoorAddress };
  /** As a person typed it. */
  readonly code: string;
  readonly ownerId: AccountId;
}

export class Pairing {
  readonly #ports: PairingPorts;
  readonly #house: PairingHouse;
  readonly #found = new Map<string, FoundService>();
  #browser: Browser | null = null;
  #isBusy = false;

  constructor(ports: PairingPorts, house: PairingHouse) {
    this.#ports = ports;
    this.#house = house;
  }

  /** Begins to look. Twice is harmless. */
  start(): void {
    if (this.#browser !== null) return;
    this.#browser =
      this.#ports.discovery?.browse(SPEAKER_SERVICE_TYPE, {
        found: (service) => this.#found.set(service.name, service),
        lost: (name) => this.#found.delete(name),
      }) ?? null;
  }

  stop(): void {
    this.#browser?.stop();
    this.#browser = null;
    this.#found.clear();
  }

  /** Those that can be paired first. */
  async candidates(): Promise<readonly PairingCandidate[]> {
    const { paired } = this.#ports;
    const strangers: FoundService[] = [];
    for (const service of this.#found.values()) {
      const id = idOf(service);
      if (id !== null && (await paired.find(id)) === null) strangers.push(service);
      if (strangers.length === CANDIDATES_MAX) break;
    }
    const candidates = await Promise.all(strangers.map((service) => this.#look(service)));
    const order = ['open', 'closed', 'unknown', 'owned'];
    return candidates
      .filter((candidate) => candidate !== null)
      .sort((one, other) => order.indexOf(one.pairing) - order.indexOf(other.pairing) || compare(one.name, other.name));
  }

  /** Refused with `input.invalid` naming `code`, with `pairing.*`, `storage.full`, or as the speaker refuses. */
  async pair(wish: PairingWish): Promise<Result<PairedPeer, TonearmError>> {
    const code = parsePairingCode(wish.code);
    if (code === null) {
      return refused(new TonearmError('input.invalid', 'code: nine digits, as the speaker says', { field: 'code' }));
    }
    if (this.#isBusy) return refused(new TonearmError('pairing.busy', 'another speaker is being paired'));
    this.#isBusy = true;
    try {
      return await this.#pair(wish, code);
    } finally {
      this.#isBusy = false;
    }
  }

  async #pair(wish: PairingWish, code: string): Promise<Result<PairedPeer, TonearmError>> {
    const { paired, clock, logger, loadCipher, doors, check } = this.#ports;
    const id = 'id' in wish.speaker ? wish.speaker.id : null;
    const isRoom = await this.#room(id);
    if (!isRoom.ok) return isRoom;
    const { bridgeId } = this.#house;
    const cipher = await loadCipher();
    const address = 'id' in wish.speaker ? this.#addressOf(wish.speaker.id) : wish.speaker.address;
    if (address === null) {
      // What a wrong code costs, so that the time does not say which speakers there are.
      const how = { salt: new Uint8Array(PAIRING_SALT_BYTES), speakerId: String(id) };
      await cipher.prove(code, how, { bridgeId, speakerId: String(id) });
      return refused(wrongCode());
    }
    const request = { bridgeId, told: this.#told(), address, speakerId: id, code };
    const outcome = await pairSpeaker({ doors, cipher, check }, request);
    if (!outcome.ok) {
      logger.warn('pairing.failed', { address, code: outcome.error.code });
      return outcome.error.code === 'pairing.refused' ? refused(wrongCode()) : outcome;
    }
    const peer = outcome.value;
    await paired.add({ ...peer, ownerId: wish.ownerId, pairedAtMs: clock.wallMs() });
    logger.info('pairing.paired', { speaker: peer.id, name: peer.name, address });
    return outcome;
  }

  /**
   * Takes in a speaker that its owner has let in by a link. Refused with `pairing.refused` when its key is not its own,
   * `storage.full`.
   */
  async link(link: PairingLink, token: string, ownerId: AccountId): Promise<Result<PairingHouseTold, TonearmError>> {
    const { paired, clock, logger, check } = this.#ports;
    const publicKey = parseBase64url(link.publicKey) ?? new Uint8Array();
    const id = check.idOfPublicKey(publicKey);
    const signature = parseBase64url(link.signature) ?? new Uint8Array();
    if (!check.isSignedBy(publicKey, linkProof(token, id), signature)) {
      return refused(
        new TonearmError('pairing.refused', 'this is not the key of that speaker', { field: 'signature' }),
      );
    }
    const isRoom = await this.#room(speakerId(id));
    if (!isRoom.ok) return isRoom;
    await paired.add({ id: speakerId(id), publicKey, name: link.name, ownerId, pairedAtMs: clock.wallMs() });
    logger.info('pairing.linked', { speaker: id, name: link.name });
    return { ok: true, value: { ...this.#told(), bridgeId: this.#house.bridgeId } };
  }

  /** Port and pin of this bridge's TLS, for a link to it; null where it has none. */
  secureDoor(): { readonly port: number; readonly pin: string } | null {
    const port = this.#house.tlsPort();
    return port === null ? null : { port, pin: base64url(this.#house.tlsPin) };
  }

  /** Before anybody is asked, or a speaker would belong to a house that cannot keep it. */
  async #room(id: SpeakerId | null): Promise<Result<void, TonearmError>> {
    if (!(await this.#ports.paired.hasRoom(id))) return refused(houseFull());
    if (this.#house.addresses().length === 0) {
      return refused(new TonearmError('config.invalid', 'this bridge has no TLS door that a speaker could dial'));
    }
    return { ok: true, value: undefined };
  }

  #told(): PairingBridge {
    const { householdId, publicKey, tlsPin, addresses } = this.#house;
    return { householdId, publicKey: base64url(publicKey), tlsPin: base64url(tlsPin), addresses: [...addresses()] };
  }

  #addressOf(id: SpeakerId): DoorAddress | null {
    for (const service of this.#found.values()) {
      if (idOf(service) === id) return addressOf(service);
    }
    return null;
  }

  async #look(service: FoundService): Promise<PairingCandidate | null> {
    const id = idOf(service);
    const address = addressOf(service);
    if (id === null || address === null) return null;
    const info = await this.#ports.doors.info(address);
    const model = (service.txt['model'] ?? '').slice(0, NAME_LENGTH_MAX);
    return { id, name: service.name.slice(0, NAME_LENGTH_MAX), model, address, pairing: pairingOf(info) };
  }
}

function pairingOf(info: Result<unknown, TonearmError>): PairingCandidate['pairing'] {
  if (!info.ok || typeof info.value !== 'object' || info.value === null || !('pairing' in info.value)) return 'unknown';
  const { pairing } = info.value;
  return pairing === 'open' || pairing === 'closed' || pairing === 'owned' ? pairing : 'unknown';
}

function idOf(service: FoundService): SpeakerId | null {
  const id = service.txt['id'];
  return id !== undefined && ID_PATTERNS.token.test(id) ? speakerId(id) : null;
}

function addressOf({ addresses, port }: FoundService): DoorAddress | null {
  const [first] = addresses;
  if (first === undefined) return null;
  return `${first.includes(':') ? `[${first}]` : first}:${port}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
