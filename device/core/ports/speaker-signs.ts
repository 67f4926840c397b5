/** What the speaker around an update is like, asked when it matters: whether anybody is disturbed, and whether it still can what it could. */
export interface SpeakerSigns {
  /** Nothing sounds, nor is about to. */
  isSilent(): boolean;
  hasSink(): boolean;
  hasBridge(): boolean;
  /** The machine has no address by which anybody could be reached. */
  isNetworkDown(): boolean;
  /** Of the main thread since it was last asked; infinite when nothing was measured yet. */
  loopLagP99Ms(): number;
  /** The audio thread answers. */
  isAlive(): Promise<boolean>;
  /** Of the day by the machine's clock, 0 to 1439. */
  minute(): number;
}
