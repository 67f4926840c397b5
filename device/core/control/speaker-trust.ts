/**
 * Who this speaker is and whose: its id from its key, its proofs, and whom it may dial. It lives on the answers of two
 * stores and of its own bridge, and nothing of it is ever logged but ids.
 */
import type { OwnershipStore } from '#device/core/ports/ownership-store';
import { base64url } from '#protocol/kit/base64url';
import type { Identity, IdentityCheck } from '#protocol/ports/identity';
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import type { Challenge, Hello } from '#protocol/wire/hello';
import { helloProof } from '#protocol/wire/hello-proof';
import type { DialPolicy } from './dial-policy.ts';
import type { SettingsKeeper } from './settings-keeper.ts';

export interface SpeakerIdentity {
  readonly self: Identity;
  readonly check: Pick<IdentityCheck, 'idOfPublicKey'>;
}

export interface SpeakerTrustPorts {
  readonly logger: Logger;
  /** Absent: its id is chance, and nothing proves it. */
  readonly identity?: SpeakerIdentity;
  /** Absent: it is nobody's, and dials whoever it knows. */
  readonly ownership?: OwnershipStore;
  /** Told when its own bridge has forgotten it, and it is nobody's. */
  readonly forgotten?: () => void;
}

export class SpeakerTrust {
  readonly #ports: SpeakerTrustPorts;
  policy: DialPolicy = { kind: 'anybody' };

  constructor(ports: SpeakerTrustPorts) {
    this.#ports = ports;
  }

  /** Reads whose it is, now; never rejects. */
  async read(): Promise<void> {
    const { ownership, logger } = this.#ports;
    if (ownership === undefined) return;
    try {
      const house = await ownership.load();
      this.policy = house === null ? { kind: 'openOnly' } : { kind: 'house', house };
      logger.info('speaker.belongs', { household: house?.householdId ?? null, bridge: house?.bridgeId ?? null });
    } catch (thrown) {
      const { code, message } = toTonearmError(thrown, 'storage.failed');
      logger.error('ownership.unreadable', { code, reason: message });
      this.policy = { kind: 'nobody' };
    }
  }

  /** Its own bridge has forgotten it: it is anybody's who has its code. @returns false when that could not be written */
  async disown(): Promise<boolean> {
    const { ownership, logger } = this.#ports;
    logger.warn('speaker.forgotten', { reason: 'its bridge says that they are not paired; it may be paired anew' });
    try {
      await ownership?.clear();
      this.#ports.forgotten?.();
      return true;
    } catch (thrown) {
      logger.error('ownership.not-cleared', { reason: toTonearmError(thrown, 'storage.failed').message });
      return false;
    }
  }

  /** The id that its key proves; null without a key. */
  provenId(): SpeakerId | null {
    const { identity } = this.#ports;
    return identity === undefined ? null : speakerId(identity.check.idOfPublicKey(identity.self.publicKey));
  }

  /** It takes the place of one that was made by chance, before speakers had keys. */
  takeProvenId(settings: SettingsKeeper): void {
    const proven = this.provenId();
    const { speakerId: before } = settings.current();
    if (proven === null || before === proven) return;
    settings.change({ speakerId: proven });
    this.#ports.logger.info('speaker.id-from-key', { speakerId: proven, before });
  }

  /** For a hello; empty where nothing is to be proven. */
  proofOf(id: SpeakerId, challenge: Challenge | null): Pick<Hello, 'identity'> {
    const self = this.#ports.identity?.self;
    if (self === undefined || challenge === null) return {};
    const signature = base64url(self.sign(helloProof(challenge, id)));
    const household = this.policy.kind === 'house' ? this.policy.house.householdId : null;
    return { identity: { publicKey: base64url(self.publicKey), signature, household } };
  }
}
