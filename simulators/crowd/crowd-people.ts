/**
 * People with phones: each has one on the bridge's events socket and does what was planned for them, at its time. Counts what
 * was asked, how long answers took, and what was refused and why.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { Timer } from '#protocol/ports/clock';
import { type SpeakerId, speakerId, type TrackId } from '#protocol/vocabulary/ids';
import { ms, percent } from '#protocol/vocabulary/units';
import type { PhoneRequestBody } from '#protocol/wire/phone-request';
import { SeededRandom } from '#sim/world/seeded-random';
import { CrowdPhone, type PhoneOutcome } from './crowd-phone.ts';
import { type Deed, planListening } from './plan-listening.ts';
import { ReasonCount } from './reason-count.ts';
import { lengthInCrowd } from './track-length.ts';

const US_PER_MS = 1_000;
const MS_PER_S = 1_000;
const NAME_LENGTH = 8;

export interface PeopleOptions {
  /** `ws://host:port` */
  readonly address: string;
  readonly count: number;
  readonly seed: number;
  /** Seconds since midnight at which the run begins. */
  readonly fromS: number;
  /** Of the run, in real seconds. */
  readonly durationS: number;
  /** How many times faster than they live. */
  readonly pace: number;
  readonly speakers: readonly SpeakerId[];
  readonly tracks: readonly TrackId[];
  /** Of the socket of a person, by their number. */
  readonly authorization: (number: number) => Promise<string | null>;
}

export class CrowdPeople {
  readonly #options: PeopleOptions;
  readonly #clock = createSystemClock();
  readonly #phones: CrowdPhone[] = [];
  readonly #timers = new Map<number, Timer>();
  readonly #took: RecordableHistogram = createHistogram();
  /** Codes. */
  readonly refusals = new ReasonCount();
  /** Why sockets ended or did not come to be. */
  readonly losses = new ReasonCount();
  asked = 0;
  accepted = 0;
  refused = 0;
  /** No socket, or none any more. */
  lost = 0;
  unanswered = 0;
  /** Sockets that were up and ended by themselves. */
  linksLost = 0;

  constructor(options: PeopleOptions) {
    this.#options = options;
    const listener = {
      came: () => undefined,
      gone: (reason: string, wasUp: boolean) => {
        if (wasUp) this.linksLost += 1;
        this.losses.add(reason);
      },
    };
    const random = createSystemRandom();
    for (let number = 0; number < options.count; number += 1) {
      const name = `crowd-${random.token(NAME_LENGTH)}-${number}`;
      const authorization = () => options.authorization(number);
      const own = { address: options.address, name, authorization };
      this.#phones.push(new CrowdPhone({ clock: this.#clock, random, listener }, own));
    }
  }

  get up(): number {
    return this.#phones.reduce((sum, phone) => sum + (phone.isUp ? 1 : 0), 0);
  }

  /** Opens all sockets. */
  start(): void {
    for (const phone of this.#phones) phone.start();
  }

  /** From now on everybody does what was planned. */
  live(): void {
    const { seed, fromS, durationS, pace, speakers, tracks } = this.#options;
    if (speakers.length === 0) return;
    const lengthsS = tracks.map(lengthInCrowd);
    for (const [number, phone] of this.#phones.entries()) {
      const random = new SeededRandom(seed, `person ${number}`);
      const plan = { fromS, durationS: durationS * pace, lengthsS, speakers: speakers.length };
      this.#next(number, phone, { deeds: planListening(random, plan), done: 0, startedAtMs: performance.now() });
    }
  }

  /** Turns the volume of a speaker, whatever is planned. @param number of the person */
  turn(number: number, speaker: SpeakerId, volume: number): Promise<void> {
    const phone = this.#phones[number];
    if (phone === undefined) throw new RangeError(`there is no person ${number}`);
    return this.#ask(phone, { kind: 'setVolume', speakerId: speaker, volume: percent(volume) });
  }

  /** ms from a question to its answer, refusals included; NaN while there is none. */
  tookMs(): { readonly p50: number; readonly p99: number; readonly max: number } {
    const took = this.#took;
    if (took.count === 0) return { p50: Number.NaN, p99: Number.NaN, max: Number.NaN };
    return {
      p50: took.percentile(50) / US_PER_MS,
      p99: took.percentile(99) / US_PER_MS,
      max: took.max / US_PER_MS,
    };
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    for (const phone of this.#phones) phone.stop();
  }

  #next(number: number, phone: CrowdPhone, life: { deeds: readonly Deed[]; done: number; startedAtMs: number }): void {
    const deed = life.deeds[life.done];
    if (deed === undefined) return;
    const dueMs = life.startedAtMs + (deed.atS * MS_PER_S) / this.#options.pace;
    const timer = this.#clock.setTimer('crowd-deed', ms(Math.max(0, dueMs - performance.now())), () => {
      void this.#ask(phone, this.#bodyOf(deed));
      this.#next(number, phone, { ...life, done: life.done + 1 });
    });
    this.#timers.set(number, timer);
  }

  #bodyOf(deed: Deed): PhoneRequestBody {
    if (deed.kind === 'setVolume') {
      return { kind: 'setVolume', speakerId: this.#speaker(deed.speaker), volume: percent(deed.volume) };
    }
    if (deed.kind !== 'play') return { kind: deed.kind, speakerId: null };
    const { tracks } = this.#options;
    const trackIds = deed.tracks.flatMap((place) => tracks[place % tracks.length] ?? []);
    const start = { contextUri: null, index: 0, positionMs: ms(0) };
    return { kind: 'play', speakerId: this.#speaker(deed.speaker), trackIds, ...start };
  }

  #speaker(place: number): SpeakerId {
    const { speakers } = this.#options;
    return speakers[place % speakers.length] ?? speakerId('');
  }

  async #ask(phone: CrowdPhone, body: PhoneRequestBody): Promise<void> {
    this.asked += 1;
    this.#judge(await phone.request(body));
  }

  #judge(outcome: PhoneOutcome): void {
    if (outcome.kind === 'lost') this.lost += 1;
    else if (outcome.kind === 'unanswered') this.unanswered += 1;
    else {
      // A histogram of whole numbers, from 1.
      this.#took.record(Math.max(1, Math.round(outcome.tookMs * US_PER_MS)));
      if (outcome.kind === 'accepted') this.accepted += 1;
      else {
        this.refused += 1;
        this.refusals.add(outcome.code);
      }
    }
  }
}
