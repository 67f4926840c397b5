/** How a speaker says on the network who it is and where its own page is. Spec section 11. */
import type { Advertiser, Discovery } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { PROTOCOL_VERSION, SPEAKER_SERVICE_TYPE } from '#protocol/wire/versions';

export interface AnnouncedSpeaker {
  readonly id: SpeakerId;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly lanPort: number;
}

/**
 * Begins to announce it.
 * @param announced hears the name under which it can be found, after any renaming
 */
export function announceSpeaker(
  ports: { readonly discovery: Discovery; readonly logger: Logger },
  speaker: AnnouncedSpeaker,
  announced: (name: string) => void,
): Advertiser {
  const { discovery, logger } = ports;
  const { id, name, model, version, lanPort } = speaker;
  const txt = { txtvers: '1', id, model, proto: String(PROTOCOL_VERSION), fw: version };
  const listener = {
    announced: (announcedName: string) => {
      announced(announcedName);
      logger.info('speaker.announced', { name: announcedName, port: lanPort });
    },
    failed: (reason: string) => logger.warn('speaker.not-announced', { reason }),
  };
  const advertiser = discovery.advertise({ type: SPEAKER_SERVICE_TYPE, name, port: lanPort, txt }, listener);
  advertiser.start();
  return advertiser;
}
