/** Few at a time, and not too many waiting: what is asked for beyond that is turned away at once. */
export class ReadTurns {
  readonly #atATime: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(atATime: number, waitingMax: number) {
    this.#atATime = atATime;
    this.#waitingMax = waitingMax;
  }

  /** @returns what the task gives; undefined when it was turned away */
  async run<T>(task: () => Promise<T>): Promise<T | undefined> {
    if (this.#taken < this.#atATime) this.#taken += 1;
    else if (this.#waiting.length >= this.#waitingMax) return undefined;
    // A turn is handed over, never freed and taken again.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }
}
