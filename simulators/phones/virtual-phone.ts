/**
 * A phone of a simulated household: it asks the bridge for things over the virtual network, and shows what the bridge
 * tells it, put together from a snapshot and differences as every real one must. It parses what it hears by the contract.
 */
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { PhoneRequest, RequestOptions } from '#bridge/core/ports/household';
import type { Timer } from '#protocol/ports/clock';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, commandId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';
import { parseMessage } from '#protocol/wire/envelope';
import { type HouseholdEvent, type HouseholdSnapshot, householdEventSchema } from '#protocol/wire/household';
import { exchange } from '#sim/network/virtual-exchange';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import type { SeededRandom } from '#sim/world/seeded-random';
import type { Timeline } from '#sim/world/timeline';
import type { VirtualClock } from '#sim/world/virtual-clock';

/** What a person waits for before pressing again. */
const DEADLINE_DEFAULT: Ms = ms(5_000);
/** How much longer the phone waits for an answer than the bridge was given. */
const PATIENCE: Ms = ms(2_000);
const REDIAL_AFTER: Ms = ms(1_000);
/** As often as a page asks whether the bridge is still there; a socket of which nothing is heard says nothing of it. */
const CHECK_EVERY: Ms = ms(20_000);
const COMMAND_ID_LENGTH = 22;
/** Characters of it in the timeline. */
const COMMAND_ID_SHOWN = 6;

/** So often, and after so long, a phone asks again where the bridge could not be reached. */
const INSISTS_MAX = 4;
const INSIST_AFTER: Ms = ms(2_500);
/** How a request ends that may have been performed or not. */
const UNANSWERED: ReadonlySet<string> = new Set(['fetch.timed-out', 'fetch.unreachable', 'connect.closed']);

export interface VirtualPhonePorts {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly timeline: Timeline;
}

/** How bad the way of its requests is. */
export interface PhoneTrouble {
  /** Longest that a question is held up, so that later ones overtake it. */
  readonly delayMax: Ms;
  /** Of each question: that it comes twice. */
  readonly repeatChance: number;
  /** Of each answer: that it is lost, and the phone asks again under the same id. */
  readonly lossChance: number;
  readonly triesMax: number;
}

export interface VirtualPhoneOptions {
  /** The house's one account otherwise. */
  readonly accountId?: AccountId;
  readonly trouble?: PhoneTrouble;
}

/** Where the events of an account are had: a simulated socket brings no token, so the address says who comes. */
export function eventsAddressOf(door: Pick<BridgeDoor, 'eventsAddress'>, accountId: AccountId): string {
  return accountId === HOUSE_ACCOUNT ? door.eventsAddress : `${door.eventsAddress}/${accountId}`;
}

/** The bridge as a phone can reach it. */
export interface BridgeDoor {
  readonly eventsAddress: string;
  readonly requestAddress: string;
  /** Performed where the bridge is, when the question has got there. */
  answer(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>>;
}

export class VirtualPhone {
  readonly name: string;
  /** Whose phone it is. */
  readonly accountId: AccountId;
  readonly #trouble: PhoneTrouble | null;
  readonly #ports: VirtualPhonePorts;
  readonly #random: SeededRandom;
  readonly #door: BridgeDoor;
  #link: TransportLink | null = null;
  #redial: Timer | null = null;
  #check: Timer | null = null;
  #isRunning = false;
  #view: HouseholdSnapshot | null = null;
  #viewedAtUs: Us | null = null;
  #problems: string[] = [];

  constructor(name: string, ports: VirtualPhonePorts, door: BridgeDoor, options: VirtualPhoneOptions = {}) {
    this.name = name;
    this.accountId = options.accountId ?? HOUSE_ACCOUNT;
    this.#trouble = options.trouble ?? null;
    this.#ports = ports;
    this.#door = door;
    this.#random = ports.random.fork(name);
  }

  start(): void {
    this.#isRunning = true;
    this.#dial();
  }

  stop(): void {
    this.#isRunning = false;
    this.#redial?.cancel();
    this.#check?.cancel();
    this.#link?.close(CLOSE_CODES.normal, '');
  }

  /** What it shows; null before the first snapshot. It stays when the link is lost. */
  view(): HouseholdSnapshot | null {
    return this.#view;
  }

  /** When the session it shows was told, for counting its position on. */
  viewedAtUs(): Us | null {
    return this.#viewedAtUs;
  }

  isConnected(): boolean {
    return this.#link !== null;
  }

  /** What it was told against the contract, in words. */
  problems(): readonly string[] {
    return this.#problems;
  }

  /**
   * Presses a button. Resolves as a person would know it: with the bridge's answer, or with why there is none
   * (`fetch.unreachable`, `fetch.timed-out`), and then the request may have been performed or not.
   */
  async ask(request: PhoneRequest, options: Partial<RequestOptions> = {}): Promise<Result<void, TonearmError>> {
    const { timeline } = this.#ports;
    const full: RequestOptions = {
      accountId: options.accountId ?? this.accountId,
      commandId: options.commandId ?? this.newCommandId(),
      deadline: options.deadline ?? DEADLINE_DEFAULT,
    };
    const asked = `${describe(request)} (${full.commandId.slice(0, COMMAND_ID_SHOWN)})`;
    timeline.note(this.name, `asks: ${asked}`);
    const route = { from: this.name, to: this.#door.requestAddress };
    const terms = { timeout: ms(full.deadline + PATIENCE) };
    const post = () => exchange(this.#ports, route, () => this.#door.answer(request, full), terms).outcome;
    const outcome = await (this.#trouble === null
      ? post()
      : this.#postInTrouble(post, this.#trouble, this.#random.fork(`${full.commandId} ${this.#ports.clock.nowUs()}`)));
    timeline.note(this.name, `is answered: ${asked} → ${outcome.ok ? 'done' : outcome.error.code}`);
    return outcome;
  }

  /** As over a network that delays, repeats and loses: a question may overtake another, come twice, or stay unanswered. */
  async #postInTrouble(
    post: () => Promise<Result<void, TonearmError>>,
    { delayMax, repeatChance, lossChance, triesMax }: PhoneTrouble,
    // Of its own, so that leaving out one request does not change how others fare.
    random: SeededRandom,
  ): Promise<Result<void, TonearmError>> {
    let outcome: Result<void, TonearmError> = refused(new TonearmError('fetch.timed-out', 'never asked'));
    let insistsLeft = INSISTS_MAX;
    for (let left = triesMax; left > 0; left -= 1) {
      await this.#pause(ms(random.fraction() * delayMax));
      if (random.chance(repeatChance)) void this.#pause(ms(random.fraction() * delayMax)).then(post);
      outcome = await post();
      // The bridge is away, and what it did before is not known: it is asked again when it may be back, under the same id.
      if (!outcome.ok && UNANSWERED.has(outcome.error.code) && insistsLeft > 0) {
        insistsLeft -= 1;
        left += 1;
        await this.#pause(INSIST_AFTER);
        continue;
      }
      if (!random.chance(lossChance)) return outcome;
      outcome = refused(new TonearmError('fetch.timed-out', 'the answer was lost'));
    }
    return outcome;
  }

  #pause(time: Ms): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ports.clock.setTimer(`${this.name} post`, time, resolve);
    return promise;
  }

  newCommandId(): RequestOptions['commandId'] {
    return commandId(this.#random.token(COMMAND_ID_LENGTH));
  }

  #dial(): void {
    this.#redial = null;
    const attempt = this.#ports.network.dialerAt(this.name).dial(eventsAddressOf(this.#door, this.accountId));
    void attempt.outcome.then((outcome) => {
      if (!outcome.ok) this.#dialLater();
      else if (this.#isRunning) this.#use(outcome.value);
      else outcome.value.close(CLOSE_CODES.normal, '');
    });
  }

  #dialLater(): void {
    if (this.#isRunning)
      this.#redial = this.#ports.clock.setTimer(`${this.name} redial`, REDIAL_AFTER, () => this.#dial());
  }

  #use(link: TransportLink): void {
    this.#link = link;
    this.#checkLater(this.#listener());
    let isFirst = true;
    link.listen({
      received: (text) => {
        this.#received(text, isFirst);
        isFirst = false;
      },
      closed: (code, reason) => {
        this.#link = null;
        this.#check?.cancel();
        this.#ports.timeline.note(this.name, `lost the bridge: ${code} ${reason}`);
        this.#dialLater();
      },
    });
  }

  /** Who listens where its events come from, if it can be reached at all. */
  #listener(): object | null {
    const { network } = this.#ports;
    const address = eventsAddressOf(this.#door, this.accountId);
    return network.wayTo(this.name, address) === 'open' ? network.listenerAt(address) : null;
  }

  /** A bridge that cannot be reached, or is another one by now, has left a dead socket. */
  #checkLater(listener: object | null): void {
    this.#check = this.#ports.clock.setTimer(`${this.name} check`, CHECK_EVERY, () => {
      if (listener !== null && this.#listener() === listener) this.#checkLater(listener);
      else this.#link?.close(CLOSE_CODES.heartbeatLost, 'the bridge is not there any more');
    });
  }

  #received(text: string, isFirst: boolean): void {
    const event = parseMessage(householdEventSchema, text, 'event');
    if (!event.ok) {
      this.#problems.push(`${this.name} was told what no phone understands: ${event.error.message}`);
      return;
    }
    if (isFirst !== (event.value.kind === 'householdSnapshot')) {
      this.#problems.push(`${this.name} was told a ${event.value.kind} ${isFirst ? 'first' : 'later'}`);
      return;
    }
    this.#apply(event.value);
  }

  #apply(event: HouseholdEvent): void {
    if (event.kind === 'householdSnapshot') {
      this.#view = event;
      this.#viewedAtUs = this.#ports.clock.nowUs();
      return;
    }
    const view = this.#view;
    if (view === null || event.baseRevision !== view.revision) {
      this.#problems.push(
        `${this.name} has revision ${view?.revision} and was told what follows ${event.baseRevision}`,
      );
      return;
    }
    const { revision, speakers = view.speakers, session = view.session, ingest = view.ingest } = event;
    this.#view = { ...view, revision, speakers, session, ingest };
    if (event.session !== undefined) this.#viewedAtUs = this.#ports.clock.nowUs();
  }
}

function describe(request: PhoneRequest): string {
  const details = Object.entries(request).filter(
    ([key, value]) => key !== 'kind' && value !== null && value !== undefined,
  );
  const shown = details.map(
    ([key, value]) => `${key}=${Array.isArray(value) ? `${value.length} of them` : String(value)}`,
  );
  return [request.kind, ...shown].join(' ');
}
