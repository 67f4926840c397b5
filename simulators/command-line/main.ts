/** `tonearm simulate`: catches signals and sets the exit code; the rest is `program.ts`. */
import { runSimulate } from './program.ts';

// A reader that has seen enough (`… | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

process.exitCode = await runSimulate(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  interrupted: interruption.signal,
});
