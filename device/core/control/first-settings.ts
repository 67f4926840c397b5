/** What a speaker knows of itself at its very first start. */
import type { SpeakerSettings } from '#device/core/ports/settings-store';
import type { Random } from '#protocol/ports/random';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import type { Percent } from '#protocol/vocabulary/units';

/** 126 bits of chance after a letter: an id that began with a hyphen would be taken for a flag on a command line. */
const SPEAKER_ID_LENGTH = 21;

/** @param provenId by its key; null where it has none */
export function firstSettings(
  random: Random,
  name: string,
  provenId: SpeakerId | null,
  volume: Percent,
): SpeakerSettings {
  const id = provenId ?? speakerId(`s${random.token(SPEAKER_ID_LENGTH)}`);
  return { speakerId: id, name, volume, resumeToken: null, lastBridgeAddress: null };
}
