/** `tonearm simulate`: catches signals and sets the exit code; the rest is `program.ts`. */
import { runSimulate } from './program.ts';

// A reader that has seen enough (`… | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

/** One Ctrl-C may come twice, from the terminal and by way of what started this; a person's second one comes later than that. */
const SAME_SIGNAL_MS = 500;
const INTERRUPTED = 130;

const interruption = new AbortController();
let interruptedAtMs: number | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interruptedAtMs ??= performance.now();
    interruption.abort();
    // For somebody who does not want to wait.
    if (performance.now() - interruptedAtMs > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
  });
}

process.exitCode = await runSimulate(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  interrupted: interruption.signal,
});
