/** What a speaker knows of itself at its very first start, and ever after. */
import type { Random } from '#protocol/ports/random';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import { openSettings, type SettingsKeeper, type SettingsKeeperPorts } from './settings-keeper.ts';

/** A speaker nobody has set yet: heard across a room, and no fright at night. */
export const VOLUME_ON_FIRST_START = percent(40);
/** 126 bits of chance after a letter: an id that began with a hyphen would be taken for a flag on a command line. */
const SPEAKER_ID_LENGTH = 21;

export interface FirstFacts {
  readonly name: string;
  /** By its key; null where it has none. */
  readonly provenId: SpeakerId | null;
}

/** @param first asked only where there are no settings yet */
export function openOwnSettings(
  ports: SettingsKeeperPorts & { readonly random: Random },
  first: () => FirstFacts,
): Promise<SettingsKeeper> {
  return openSettings(ports, () => {
    const { name, provenId } = first();
    const id = provenId ?? speakerId(`s${ports.random.token(SPEAKER_ID_LENGTH)}`);
    return { speakerId: id, name, volume: VOLUME_ON_FIRST_START, resumeToken: null, lastBridgeAddress: null };
  });
}
