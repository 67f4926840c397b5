/**
 * Hook programs as child processes, each the leader of its own group, so that one that hangs goes with all it has started.
 * They get a small environment of their own: the speaker's may name where its keys lie.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  HOOK_OUTPUT_LENGTH_MAX,
  type HookCall,
  type HookOutcome,
  type HookRunner,
} from '#device/core/ports/hook-runner';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** What a script needs to find its programs and to write its texts. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'XDG_RUNTIME_DIR'] as const;
/** For the rest of its output; a program left in the background may hold the pipes for ever. */
const LAST_WORDS = ms(200);

export interface HookRunnerPorts {
  readonly clock: Clock;
  /** Kills a group of processes, by its leader's id; may throw where there is none any more. */
  readonly endGroup: (pid: number) => void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param program a path, or a name to be found by PATH; started directly, without a shell */
export function createProgramHookRunner(ports: HookRunnerPorts, program: string, environment: Environment): HookRunner {
  const base = Object.fromEntries(PASSED_ON.map((name) => [name, environment[name]]));
  let current: { readonly endNow: () => void; readonly ended: Promise<unknown> } | null = null;
  let isClosed = false;
  return {
    run: async (call, within) => {
      if (isClosed) return { kind: 'notStarted', reason: 'the speaker ends' };
      const run = runOnce(ports, start(program, { ...base, ...call.environment }), call, within);
      current = run;
      const outcome = await run.ended;
      current = null;
      return outcome;
    },
    close: async () => {
      isClosed = true;
      current?.endNow();
      await current?.ended;
    },
  };
}

function start(program: string, env: Record<string, string | undefined>): ChildProcess {
  return spawn(program, [], { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
}

function runOnce(
  { clock, endGroup }: HookRunnerPorts,
  child: ChildProcess,
  { line }: HookCall,
  within: Ms,
): { readonly endNow: () => void; readonly ended: Promise<HookOutcome> } {
  const { promise, resolve } = Promise.withResolvers<HookOutcome>();
  let output = '';
  let isTimedOut = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text.slice(0, HOOK_OUTPUT_LENGTH_MAX)}`.slice(0, HOOK_OUTPUT_LENGTH_MAX);
    });
  }
  const endNow = () => {
    isTimedOut = true;
    endWhole(child, endGroup);
  };
  const limit = clock.setTimer('hook', within, endNow);
  child.on('error', (cause) => {
    limit.cancel();
    resolve({ kind: 'notStarted', reason: cause.message });
  });
  child.on('exit', (exitCode, signal) => {
    limit.cancel();
    const settle = () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (isTimedOut) resolve({ kind: 'timedOut', output });
      else if (exitCode !== null) resolve({ kind: 'ended', exitCode, output });
      else resolve({ kind: 'killed', signal: signal ?? 'unknown', output });
    };
    const lastWords = clock.setTimer('hook-output', LAST_WORDS, settle);
    child.on('close', () => {
      lastWords.cancel();
      settle();
    });
  });
  // One that does not read is none of our business.
  child.stdin?.on('error', () => undefined).end(`${line}\n`);
  return { endNow, ended: promise };
}

function endWhole({ pid }: ChildProcess, endGroup: HookRunnerPorts['endGroup']): void {
  if (pid === undefined) return;
  try {
    endGroup(pid);
  } catch {
    // It has just ended by itself.
  }
}
