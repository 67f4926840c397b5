/**
 * Whoever keeps the speaker running (systemd, mostly): it is told that the speaker is ready, that it is alive, and that it
 * ends. Where there is none, nothing is said. Never throws and never waits: a supervisor that does not listen is no reason
 * to fall silent.
 */
import type { Ms } from '#protocol/vocabulary/units';

export interface ServiceManager {
  /** How often `alive` has to be said, half of what it waits before it starts the speaker anew; null: it does not watch. */
  readonly aliveEvery: Ms | null;
  /** Once, when the speaker does what it is for. */
  ready(): void;
  /** Said only while everything works that a restart would mend. */
  alive(): void;
  /** One line for people: `systemctl status` shows it. */
  status(text: string): void;
  /** Before it ends by itself, so that this is not taken for a failure. */
  stopping(): void;
}
