/**
 * Questions to the origin under way: one per slice however many wait for it, so many at once and no more, and a queue of
 * named length behind them. Beyond that an edge says that it has too much to do, which costs less than being late for all.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';

/** More than an origin at home can do at once; an agent's sockets cost nothing while idle. */
export const FLIGHTS_MAX = 32;
/** Slices that wait for their turn: at 256 KiB, what a gigabit link brings in half a second, 32 in flight included. */
export const WAITING_FLIGHTS_MAX = 256;

export interface FlightLimits {
  readonly flightsMax: number;
  readonly waitingMax: number;
}

interface Flight<Answer> {
  /** Whose token it travels with. */
  readonly authorization: string;
  readonly answer: Promise<Result<Answer, TonearmError>>;
}

export class Flights<Answer> {
  readonly #limits: FlightLimits;
  readonly #flights = new Map<string, Flight<Answer>>();
  readonly #turns: (() => void)[] = [];
  #running = 0;

  constructor(limits: FlightLimits = { flightsMax: FLIGHTS_MAX, waitingMax: WAITING_FLIGHTS_MAX }) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#turns.length;
  }

  /** Whether half of what may run at once is free: what nobody waits for runs only then. */
  get hasRoom(): boolean {
    return this.#turns.length === 0 && this.#running < this.#limits.flightsMax / 2;
  }

  isFlying(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * The answer to `ask`, or to the same question that somebody else has already asked. Who waits on another's question
   * asks again by himself when it was the other's token that was refused.
   * @param ask settles and never rejects
   */
  async join(
    key: string,
    authorization: string,
    ask: () => Promise<Result<Answer, TonearmError>>,
  ): Promise<Result<Answer, TonearmError>> {
    const flying = this.#flights.get(key);
    if (flying === undefined) return this.#depart(key, authorization, ask);
    const answer = await flying.answer;
    const isTheirs = !answer.ok && answer.error.code === 'content.token-refused';
    if (!isTheirs || flying.authorization === authorization) return answer;
    return this.join(key, authorization, ask);
  }

  #depart(
    key: string,
    authorization: string,
    ask: () => Promise<Result<Answer, TonearmError>>,
  ): Promise<Result<Answer, TonearmError>> {
    if (this.#running >= this.#limits.flightsMax && this.#turns.length >= this.#limits.waitingMax) {
      return Promise.resolve(refused(new TonearmError('content.overloaded', 'too much is being fetched already')));
    }
    const answer = this.#fly(key, ask);
    this.#flights.set(key, { authorization, answer });
    return answer;
  }

  async #fly(key: string, ask: () => Promise<Result<Answer, TonearmError>>): Promise<Result<Answer, TonearmError>> {
    // A turn is handed over by whoever lands, so that nobody who comes in between can take it.
    if (this.#running < this.#limits.flightsMax) this.#running += 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    try {
      return await ask();
    } finally {
      this.#flights.delete(key);
      const next = this.#turns.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
