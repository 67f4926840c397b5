/** What every command gets: its output, its surroundings, and the bridge, which is looked for only when first asked. */

import type { RestClient } from './bridge/rest-client.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './screen/output.ts';
import type { Surroundings } from './surroundings.ts';

export interface CommandContext {
  readonly output: Output;
  readonly surroundings: Surroundings;
  /** `--bridge`, else TONEARM_BRIDGE, else null: look for one. */
  readonly bridgeAddress: string | null;
  /** @throws CommandFailure `connect.unreachable` when there is none */
  bridge(): Promise<RestClient>;
}

/** One command's work. Throws `CommandFailure` or `TonearmError` when it cannot be done. */
export type CommandBody<Parameters extends unknown[]> = (
  context: CommandContext,
  ...parameters: Parameters
) => Promise<ExitCode>;

/** Turns a command's work into what the command parser calls; failures are shown and become the exit code. */
export type Act = <Parameters extends unknown[]>(
  body: CommandBody<Parameters>,
) => (...parameters: Parameters) => Promise<void>;
