/**
 * Runs a version that was fetched, once, as a child with `--self-test`: so in the same sandbox, by the same user, on the
 * same libraries, with the same settings: one that it does not know any more would end it at each start. It is told
 * nothing else of ours, and ended when it takes too long.
 */
import { spawn } from 'node:child_process';

/** An emulated or busy board needs half of it. */
const WITHIN_MS = 60_000;
/** What a child has to know to find its libraries and caches. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'CACHE_DIRECTORY', 'PKG_NATIVE_CACHE_PATH', 'MALLOC_ARENA_MAX'] as const;

/** Settings, and where versions lie. */
const SETTINGS = 'TONEARM_';

/** @returns whether it ended with 0 in time; whatever goes wrong is a no */
export function runSelfTest(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  withinMs: number = WITHIN_MS,
): Promise<boolean> {
  const isPassedOn = (name: string) => name.startsWith(SETTINGS) || PASSED_ON.some((each) => each === name);
  const passed = Object.fromEntries(Object.entries(env).filter(([name]) => isPassedOn(name)));
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
