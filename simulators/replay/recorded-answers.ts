/**
 * What a port was asked for when it was recorded, given again at the instants at which it came then: to who waits for it
 * already, or to the next who asks.
 */
export class RecordedAnswers<Answer> {
  readonly #given: Answer[] = [];
  readonly #waiting: ((answer: Answer) => void)[] = [];

  give(answer: Answer): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#given.push(answer);
    else waiter(answer);
  }

  /** Waits for ever where nothing more was recorded, as a port that does not answer. */
  take(): Promise<Answer> {
    const [answer] = this.#given.splice(0, 1);
    if (answer !== undefined) return Promise.resolve(answer);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push(resolve);
    return promise;
  }
}
