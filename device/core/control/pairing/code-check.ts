/**
 * Checks what bridges know of the code: by a record that is made once for each window, since that is slow on purpose, and
 * beside it by one that nobody has the code of, so that an attempt that there is not costs what a true one does.
 */
import type { PairingCipher, PairingRecord, Verifying } from '#protocol/ports/pairing-cipher';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { PairingAttempt, PairingWindow } from './pairing-state.ts';

interface Records {
  readonly of: PairingWindow;
  readonly true: PairingRecord;
  readonly decoy: PairingRecord;
}

export class CodeCheck {
  readonly #speakerId: string;
  readonly #loadCipher: () => Promise<PairingCipher>;
  #records: Records | null = null;

  constructor(speakerId: string, loadCipher: () => Promise<PairingCipher>) {
    this.#speakerId = speakerId;
    this.#loadCipher = loadCipher;
  }

  /** Makes the records of a window, if there are none yet. */
  async prepare(window: PairingWindow): Promise<void> {
    if (this.#records?.of === window) return;
    const cipher = await this.#loadCipher();
    const record = await cipher.register(window.code, { salt: window.salt, speakerId: this.#speakerId });
    this.#records = { of: window, true: record, decoy: cipher.decoy() };
  }

  /** What they were of is closed. */
  forget(): void {
    this.#records = null;
  }

  /** @param attempt null: there is no such attempt, and it cannot succeed */
  async verify(attempt: PairingAttempt | null, share: Uint8Array): Promise<Result<Verifying, TonearmError>> {
    const cipher = await this.#loadCipher();
    const decoy = this.#records?.decoy ?? cipher.decoy();
    const record = attempt === null ? decoy : (this.#records?.true ?? decoy);
    return cipher.verify(record, { bridgeId: attempt?.bridgeId ?? '', speakerId: this.#speakerId }, share);
  }
}
