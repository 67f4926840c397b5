/** Hears that something about the speaker may have changed. Called inside the change and often, so it only looks and notes. */
export interface DeviceWatcher {
  changed(): void;
}
