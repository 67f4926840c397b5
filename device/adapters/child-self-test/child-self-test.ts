/**
 * Runs a version that was fetched, once, as a child with `--self-test`: so in the same sandbox, by the same user, on the
 * same libraries. It is given nothing of ours but a path for programs, and ended when it takes too long.
 */
import { spawn } from 'node:child_process';

/** An emulated or busy board needs half of it. */
const WITHIN_MS = 60_000;
/** What a child has to know to find its libraries and caches; no settings, no keys. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'CACHE_DIRECTORY', 'PKG_NATIVE_CACHE_PATH', 'MALLOC_ARENA_MAX'] as const;

/** @returns whether it ended with 0 in time; whatever goes wrong is a no */
export function runSelfTest(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  withinMs: number = WITHIN_MS,
): Promise<boolean> {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new Promise((resolve) => {
    const child = spawn(program, ['--self-test'], {
      stdio: 'ignore',
      env: passed,
      timeout: withinMs,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
