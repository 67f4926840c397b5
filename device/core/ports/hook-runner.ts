/**
 * Runs somebody's program for one event, out of process: the event as environment variables and as one line of JSON on
 * standard input. It may fail, hang or write without end; none of that reaches the speaker.
 */
import type { Ms } from '#protocol/vocabulary/units';

/** One event as the program is told it. */
export interface HookCall {
  readonly environment: Readonly<Record<string, string>>;
  /** One line of JSON, without its end. */
  readonly line: string;
}

/** Characters kept of what a program writes, both streams together; the rest is read and dropped. */
export const HOOK_OUTPUT_LENGTH_MAX = 1_000;

export type HookOutcome =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly output: string }
  /** By a signal that nobody here sent. */
  | { readonly kind: 'killed'; readonly signal: string; readonly output: string }
  /** Killed with everything that it had started and that had not left it. */
  | { readonly kind: 'timedOut'; readonly output: string }
  | { readonly kind: 'notStarted'; readonly reason: string };

export interface HookRunner {
  /** One at a time. Never rejects; settles soon after `within` at the latest. */
  run(call: HookCall, within: Ms): Promise<HookOutcome>;
  /** Ends the one that runs; its `run` settles as `timedOut`, and what is asked later as `notStarted`. Twice is harmless. */
  close(): Promise<void>;
}
