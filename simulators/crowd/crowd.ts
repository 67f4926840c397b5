/** A crowd of speakers in this process: gathered a few at a time, switched off and on by a plan, ended together. */
import type { Ownership } from '#device/core/ports/ownership-store';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import type { TransportDialer } from '#protocol/ports/transport';
import { createCountingDialer } from './counting-dialer.ts';
import { crowdIdentity } from './crowd-identity.ts';
import { CrowdSpeaker } from './crowd-speaker.ts';
import { CrowdTally } from './crowd-tally.ts';

/** Speakers that try for the first time at once while the crowd gathers. */
const DIALLING_MAX = 50;
const LOOK_AGAIN_AFTER_MS = 5;
/** Goodbyes under way at once. */
const LEAVING_MAX = 500;

export interface CrowdOptions {
  /** `ws://host:port`, or `wss://host:port` with a pin. */
  readonly address: string;
  readonly count: number;
  /** As of `crowdIdentity`. */
  readonly secret?: string | undefined;
  /** SHA-256 of the bridge's public key; absent: its plain port is dialled, or the house says. */
  readonly pin?: Uint8Array | undefined;
  /** Of a speaker by its number; absent: nobody's. */
  readonly houseOf?: (number: number) => Ownership | null;
  readonly pace?: number;
}

export class Crowd {
  readonly tally = new CrowdTally();
  readonly speakers: readonly CrowdSpeaker[];

  /** Makes keys, which takes some 60 µs each; nobody dials yet. */
  constructor({ address, count, secret, pin, houseOf, pace = 1 }: CrowdOptions) {
    const dialer = createCountingDialer(pinning(createWsDialer(), pin), this.tally);
    const ports = { clock: createSystemClock(), random: createSystemRandom(), dialer, tally: this.tally };
    this.speakers = Array.from({ length: count }, (_, number) => {
      const options = { address, house: houseOf?.(number) ?? null, pace };
      return new CrowdSpeaker(ports, crowdIdentity(number, secret), options);
    });
  }

  /** Resolves when all have been switched on and have tried once, or when it was given up. */
  async gather(givenUp: AbortSignal): Promise<void> {
    let [begun, tried] = [0, 0];
    while (tried < this.speakers.length && !givenUp.aborted) {
      while (begun < this.speakers.length && begun - tried < DIALLING_MAX) {
        await this.speakers[begun]?.switchOn();
        begun += 1;
      }
      await pause();
      while (this.speakers[tried]?.hasTried === true) tried += 1;
    }
  }

  /** Resolves when so many are connected; false when it was given up before. */
  async isUp(count: number, givenUp: AbortSignal): Promise<boolean> {
    while (this.tally.up < count && !givenUp.aborted) await pause();
    return this.tally.up >= count;
  }

  /** Every speaker says goodbye. Resolves when all are gone. */
  async stop(): Promise<void> {
    for (let first = 0; first < this.speakers.length; first += LEAVING_MAX) {
      await Promise.all(this.speakers.slice(first, first + LEAVING_MAX).map((speaker) => speaker.switchOff()));
    }
  }
}

/** Speakers that are nobody's pin nothing; whoever simulates them knows the bridge all the same. */
function pinning(dialer: TransportDialer, pin: Uint8Array | undefined): TransportDialer {
  return { dial: (address, own) => dialer.dial(address, own ?? pin) };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
}
