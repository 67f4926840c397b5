/** Takes the household's speaker in, once the owner is in, the speaker's door is open and its code was heard. */
import { createSerialLock, type SerialLock } from '#protocol/kit/serial-lock';
import type { RestPhone } from '#sim/processes/rest-phone';

const STATUS_CREATED = 201;

export class SpeakerPairing {
  readonly #phone: RestPhone;
  readonly #failed: (problem: string) => void;
  readonly #turn: SerialLock;
  #hasOwner = false;
  #address: string | null = null;
  #code: string | null = null;

  /**
   * @param failed with what the bridge answered
   * @param turn the same for all speakers of a house: a bridge pairs one at a time
   */
  constructor(phone: RestPhone, failed: (problem: string) => void, turn = createSerialLock()) {
    this.#turn = turn;
    this.#phone = phone;
    this.#failed = failed;
  }

  ownerIsIn(): void {
    this.#hasOwner = true;
    this.#look();
  }

  /** @param address of the speaker's own door, `host:port` */
  doorOpened(address: string): void {
    this.#address = address;
    this.#look();
  }

  /** A speaker that belongs to a house says none. */
  codeHeard(code: string): void {
    this.#code = code;
    this.#look();
  }

  #look(): void {
    const code = this.#code;
    if (!this.#hasOwner || this.#address === null || code === null) return;
    const body = { address: this.#address, code };
    this.#code = null;
    const pair = () => this.#phone.call('POST', '/tonearm/v1/pairings', body);
    this.#turn.run(pair).then(
      (answer) => {
        if (answer.status !== STATUS_CREATED) this.#failed(JSON.stringify(answer.body));
      },
      (thrown: unknown) => this.#failed(String(thrown)),
    );
  }
}
