/** Has a bridge read a folder of music, now or as soon as it can: it reads one at a time, and may be away for a moment. */
import type { RestPhone } from '#sim/processes/rest-phone';

/** An ingest may be asked for again while one runs; it is then tried again after this. */
const AGAIN_AFTER_MS = 500;
const CONFLICT = 409;
const UNAVAILABLE = 503;
const REFUSED_FROM = 400;

export class IngestAsker {
  readonly #phone: RestPhone;
  readonly #folder: string;
  readonly #refused: (why: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** @param refused with what the bridge answered */
  constructor(phone: RestPhone, folder: string, refused: (why: string) => void) {
    this.#phone = phone;
    this.#folder = folder;
    this.#refused = refused;
  }

  /** Harmless while an earlier one is still tried. */
  ask(): void {
    if (this.#timer === null) this.#tryAfter(0);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tryAfter(delayMs: number): void {
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#attempt(), delayMs);
  }

  async #attempt(): Promise<void> {
    this.#timer = null;
    const answer = await this.#phone.call('POST', '/tonearm/v1/ingest', { folder: this.#folder }).catch(() => null);
    const isBusy = answer === null || answer.status === CONFLICT || answer.status === UNAVAILABLE;
    if (isBusy) this.#tryAfter(AGAIN_AFTER_MS);
    else if (answer.status >= REFUSED_FROM) this.#refused(JSON.stringify(answer.body));
  }
}
