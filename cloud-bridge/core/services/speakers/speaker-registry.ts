/**
 * The speakers of this house, for people: what they are called, whose they are, and that one goes. What is said here is
 * written first, and then told to the relay, which tells phones and the speaker itself.
 */
import type { Page, PageRequest } from '#bridge/core/ports/catalogue';
import type { Household } from '#bridge/core/ports/household';
import type { PairedSpeaker, PairedSpeakerChange, PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

export interface SpeakerRegistryPorts {
  readonly logger: Logger;
  readonly paired: PairedSpeakers;
  readonly household: Pick<Household, 'forgetSpeaker' | 'renameSpeaker'>;
  /** Whether there is such a person. */
  readonly isPerson: (id: AccountId) => boolean;
}

/** Each refuses with `session.speaker-not-found`; what the store rejects with is passed on. */
export class SpeakerRegistry {
  readonly #ports: SpeakerRegistryPorts;

  constructor(ports: SpeakerRegistryPorts) {
    this.#ports = ports;
  }

  page(page: PageRequest): Promise<Page<PairedSpeaker>> {
    return this.#ports.paired.page(page);
  }

  async find(id: SpeakerId): Promise<Result<PairedSpeaker, TonearmError>> {
    const speaker = await this.#ports.paired.find(id);
    return speaker === null ? refused(notFound()) : ok(speaker);
  }

  /** A new name, or another owner: `access.account-not-found` when there is no such person. */
  async change(id: SpeakerId, change: PairedSpeakerChange): Promise<Result<PairedSpeaker, TonearmError>> {
    const { paired, household, isPerson, logger } = this.#ports;
    if (change.ownerId !== undefined && !isPerson(change.ownerId)) {
      const message = 'there is nobody of that id to own a speaker';
      return refused(new TonearmError('access.account-not-found', message, { field: 'ownerId' }));
    }
    const changed = await paired.change(id, change);
    if (changed === null) return refused(notFound());
    if (change.name !== undefined) household.renameSpeaker(id, change.name);
    logger.info('speaker.changed', { speakerId: id, name: changed.name, ownerId: changed.ownerId });
    return ok(changed);
  }

  /** It may be paired anew, here or in another house; one that is away hears of it when it comes back. */
  async forget(id: SpeakerId): Promise<Result<void, TonearmError>> {
    const { paired, household, logger } = this.#ports;
    const wasPaired = await paired.forget(id);
    const wasKnown = household.forgetSpeaker(id);
    if (!wasPaired && !wasKnown) return refused(notFound());
    logger.info('speaker.forgotten', { speakerId: id });
    return ok(undefined);
  }
}

function notFound(): TonearmError {
  return new TonearmError('session.speaker-not-found', 'no speaker of that id is paired here', { field: 'id' });
}
