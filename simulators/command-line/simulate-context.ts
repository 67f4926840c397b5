/** What every simulation's command is given, so that it can be run whole in a test: where text goes, and when to end. */

export interface SimulateContext {
  /** Data, on stdout: what a script reads. */
  print(line: string): void;
  /** Talk, on stderr: what a person reads. */
  say(line: string): void;
  /** Aborted by Ctrl-C or SIGTERM: end what was started, then return. */
  readonly interrupted: AbortSignal;
}

/** 0 ok · 1 failure: what was simulated broke a promise · 2 usage · 3 unreachable · 130 interrupted; as of `tonearm`. */
export type SimulateExitCode = 0 | 1 | 2 | 3 | 130;

/** Wraps a command's body for commander: what it throws is shown in one place. */
export type Act = <Parameters extends readonly unknown[]>(
  body: (context: SimulateContext, ...parameters: Parameters) => Promise<SimulateExitCode>,
) => (...parameters: Parameters) => Promise<void>;
