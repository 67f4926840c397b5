/** Replaces the signing key in time, and tells whoever checks tokens which keys are good now. */
import type { ContentTokenSigner } from '#bridge/core/ports/content-token-signer';
import type { ContentKey } from '#bridge/core/ports/content-token-verifier';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';

/** How long a key signs: a stolen one is worth that much less. */
export const KEY_LIFE_S = 90 * 24 * 60 * 60;
const LOOK_EVERY = ms(60 * 60 * 1000);

export interface KeyRotationPorts {
  readonly clock: Pick<Clock, 'wallMs' | 'setTimer'>;
  readonly logger: Logger;
  readonly signer: Pick<ContentTokenSigner, 'keys' | 'rotate' | 'signingSinceS'>;
  /** Takes the public keys that are good from now on. */
  useKeys(keys: readonly ContentKey[]): Promise<void>;
}

export class KeyRotation {
  readonly #ports: KeyRotationPorts;
  #timer: Timer | null = null;
  #isRunning = false;

  constructor(ports: KeyRotationPorts) {
    this.#ports = ports;
  }

  /** Resolves when keys are in use. Rejects when they cannot be. */
  async start(): Promise<void> {
    this.#isRunning = true;
    await this.#look();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { clock, logger, signer } = this.#ports;
    if (clock.wallMs() / 1000 - signer.signingSinceS() > KEY_LIFE_S) {
      // A full disk is no reason to stop: the old key goes on, and another hour comes.
      await signer.rotate().catch((cause: unknown) => logger.warn('access.key-not-rotated', { reason: String(cause) }));
    }
    await this.#ports.useKeys(signer.keys());
    if (!this.#isRunning) return;
    this.#timer = clock.setTimer('key rotation', LOOK_EVERY, () => {
      this.#look().catch((cause: unknown) => logger.error('access.keys-not-used', { reason: String(cause) }));
    });
  }
}
