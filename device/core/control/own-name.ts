/**
 * What a speaker is called: by its owner where it has one, who tells it through the bridge, else as it was started. It is
 * announced on the network under that name, and under another as soon as it is called so. Spec section 4.11.
 */
import type { Advertiser, Discovery } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import { type AnnouncedSpeaker, announceSpeaker } from './announcement.ts';

export interface OwnNamePorts {
  /** Null: nothing is announced. */
  readonly discovery: Discovery | null;
  readonly logger: Logger;
}

export class OwnName {
  readonly #ports: OwnNamePorts;
  #name: string;
  /** Null until it is announced. */
  #speaker: Omit<AnnouncedSpeaker, 'name'> | null = null;
  #advertiser: Advertiser | null = null;
  #announcedName: string | null = null;

  constructor(ports: OwnNamePorts, name: string) {
    this.#ports = ports;
    this.#name = name;
  }

  /** `announcedName`: under which it is found, which differs where another has it already; null while it is not announced. */
  view(): { readonly name: string; readonly announcedName: string | null } {
    return { name: this.#name, announcedName: this.#announcedName };
  }

  /** Begins to announce it. Where nothing is announced: harmless. */
  announce(speaker: Omit<AnnouncedSpeaker, 'name'>): void {
    this.#speaker = speaker;
    this.#begin();
  }

  /** It is called this now; as before is harmless. */
  change(name: string): void {
    if (name === this.#name) return;
    this.#name = name;
    this.#ports.logger.info('speaker.named', { name });
    // The new one does not wait for the old one's goodbye: they are different names.
    void this.#advertiser?.stop();
    this.#begin();
  }

  async stop(): Promise<void> {
    this.#speaker = null;
    this.#announcedName = null;
    await this.#advertiser?.stop();
  }

  #begin(): void {
    const { discovery, logger } = this.#ports;
    if (discovery === null || this.#speaker === null) return;
    const name = this.#name;
    const announced = (announcedName: string) => {
      if (name === this.#name) this.#announcedName = announcedName;
    };
    this.#advertiser = announceSpeaker({ discovery, logger }, { ...this.#speaker, name }, announced);
  }
}
