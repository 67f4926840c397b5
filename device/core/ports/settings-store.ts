/** What a speaker remembers across restarts. A handful of facts, written whole. */
import type { ResumeToken, SpeakerId } from '#protocol/vocabulary/ids';
import type { Percent } from '#protocol/vocabulary/units';

export interface SpeakerSettings {
  readonly speakerId: SpeakerId;
  readonly name: string;
  readonly volume: Percent;
  readonly resumeToken: ResumeToken | null;
  /** Address of the bridge last spoken to, e.g. `ws://192.168.1.5:4747`; tried first. */
  readonly lastBridgeAddress: string | null;
}

export interface SettingsStore {
  /** Null on first start. A store that cannot be read is moved aside and reported, never silently replaced. */
  load(): Promise<SpeakerSettings | null>;
  /** Crash-safe: after a power cut either the old or the new settings are read, never a mixture. */
  save(settings: SpeakerSettings): Promise<void>;
}
