/**
 * All that `tonearm` takes from the process it runs in. Made once in `compose.ts`; a test hands over its own, so that
 * a whole command can be run without a terminal, an environment or a network.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import type { Random } from '#protocol/ports/random';
import type { TokenFolder } from './bridge/token-folder.ts';

/** Where text goes. */
export interface Terminal {
  write(text: string): void;
  readonly isTty: boolean;
  /** Characters to a line; 80 when nobody knows. */
  columns(): number;
}

export interface Surroundings {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  /** What `tonearm login` was given; absent: nobody signs in from here. */
  readonly tokens?: TokenFolder;
  /** Opens the network for browsing; closed by whoever opened it. */
  openDiscovery(): Discovery & { close(): Promise<void> };
  /** TONEARM_BRIDGE, if set. */
  readonly bridgeFromEnvironment: string | null;
  /** TONEARM_CA, if set: a file of certificates. */
  readonly authoritiesFromEnvironment?: string | null;
  /** NO_COLOR, or a terminal that has none. */
  readonly isColourless: boolean;
  /** The Node that runs this, for programs of ours that are asked something. */
  readonly node: string;
  /** For relative folders. */
  readonly workingFolder: string;
  /** Fires on Ctrl-C and SIGTERM. */
  readonly interrupted: AbortSignal;
}
