/** How a door has the bridge's flight recorder write what it holds. */
export interface FlightPost {
  /** At once. Throws `storage.failed`. @returns where it was left, on the bridge's own disk */
  write(): FlightLeft;
}

export interface FlightLeft {
  /** Path of the recording. */
  readonly file: string;
  readonly sizeBytes: number;
  /** How much of the past is in it. */
  readonly seconds: number;
}
