/**
 * One speaker of a crowd: the real control core on a real socket, with its proof, reports, heartbeats and time probes, and its
 * own way of coming back; with nothing to play to and nothing to fetch. Thousands of them fit into one process.
 */
import { createDevice, type Device } from '#device/core/device';
import type { Ownership } from '#device/core/ports/ownership-store';
import type { PlaybackMemory } from '#device/core/ports/playback-memory';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { ed25519Check } from '#protocol/adapters/ed25519';
import type { Clock } from '#protocol/ports/clock';
import type { LogFields, Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TransportDialer } from '#protocol/ports/transport';
import type { CrowdIdentity } from './crowd-identity.ts';
import type { CrowdTally } from './crowd-tally.ts';
import { RestingEngine } from './resting-engine.ts';

const MODEL = 'Crowd speaker';
/** It has no door of its own; a port is announced by who has discovery alone. */
const NO_DOOR = 1;

export interface CrowdPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: TransportDialer;
  readonly tally: CrowdTally;
}

export interface CrowdSpeakerOptions {
  /** `ws://host:port`; `wss://` of a house that it belongs to. */
  readonly address: string;
  /** Whose it is by pairing; null: it proves who it is, and dials whoever it was given. */
  readonly house: Ownership | null;
  /** How many times faster than they are tracks pass. */
  readonly pace: number;
}

const NOTHING_PLAYED: PlaybackMemory = {
  recall: async () => null,
  remember: () => undefined,
  place: () => undefined,
  flush: async () => undefined,
};
const NO_CHANGES = { watch: () => ({ stop: () => undefined }) };

/** Also its own settings and its own log: what thousands have each is kept to one object. */
export class CrowdSpeaker implements SettingsStore, Logger {
  readonly self: CrowdIdentity;
  readonly #ports: CrowdPorts;
  readonly #options: CrowdSpeakerOptions;
  #settings: SpeakerSettings | null = null;
  #device: Device | null = null;
  #isUp = false;
  /** Its first attempt since it was switched on has ended, well or not. */
  hasTried = false;

  constructor(ports: CrowdPorts, self: CrowdIdentity, options: CrowdSpeakerOptions) {
    this.#ports = ports;
    this.self = self;
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isOn(): boolean {
    return this.#device !== null;
  }

  /** Resolves when it dials; it is not connected then. */
  async switchOn(): Promise<void> {
    if (this.#device !== null) return;
    const { clock, tally } = this.#ports;
    const { address, house, pace } = this.#options;
    this.hasTried = false;
    const trust = house === null ? {} : { ownership: ownershipOf(house) };
    this.#device = createDevice(
      {
        ...{ ...this.#ports, logger: this, discovery: null, network: NO_CHANGES, settings: this },
        ...{ memory: NOTHING_PLAYED, engine: new RestingEngine(clock, pace, tally) },
        identity: { self: this.self, check: ed25519Check },
        ...trust,
      },
      {
        ...{ name: `Crowd ${this.self.id.slice(-6)}`, model: MODEL, version: '0', output: 'crowd' },
        ...{ bridgeAddress: address, lanPort: NO_DOOR },
      },
    );
    await this.#device.start();
  }

  /** Says goodbye, as a speaker does that is ended on purpose. Resolves when no timer of its own is left. */
  async switchOff(): Promise<void> {
    const device = this.#device;
    this.#device = null;
    this.#down();
    await device?.stop();
  }

  async load(): Promise<SpeakerSettings | null> {
    return this.#settings;
  }

  async save(settings: SpeakerSettings): Promise<void> {
    this.#settings = settings;
  }

  debug(event: string, fields?: LogFields): void {
    if (event !== 'session.unreachable') return;
    this.hasTried = true;
    this.#ports.tally.attemptFailed(String(fields?.['reason']));
  }

  info(event: string): void {
    if (event !== 'speaker.connected') return;
    this.hasTried = true;
    if (this.#device === null || this.#isUp) return;
    this.#isUp = true;
    this.#ports.tally.up += 1;
    this.#ports.tally.welcomed += 1;
  }

  warn(event: string, fields?: LogFields): void {
    if (event === 'speaker.disconnected') {
      if (this.#isUp) this.#ports.tally.lost += 1;
      this.#down();
    } else if (event === 'session.not-welcomed' || event === 'session.wrong-bridge') {
      this.hasTried = true;
      this.#ports.tally.attemptFailed(String(fields?.['reason']));
    }
  }

  error(): void {}

  with(): Logger {
    return this;
  }

  #down(): void {
    if (this.#isUp) this.#ports.tally.up -= 1;
    this.#isUp = false;
  }
}

function ownershipOf(house: Ownership) {
  return { load: async () => house, save: async () => undefined, clear: async () => undefined };
}
