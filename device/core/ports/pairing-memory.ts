/** What pairing leaves in the speaker's folder while it is nobody's: how often it was tried in vain, and a label to read. */
export interface PairingMemory {
  /** Attempts spent since the last success or since a person at the speaker asked for a new start; 0 at first. */
  failures(): Promise<number>;
  /** Written when it resolves: what is not must not be answered, or a power cut would give the attempts back. */
  saveFailures(count: number): Promise<void>;
  /** What is to be read by whoever can read the speaker's folder, as one file; null takes it away. */
  writeLabel(text: string | null): Promise<void>;
}
