/** `tonearm`: the house from a terminal. Reads the environment, catches signals, sets the exit code; the rest is `program.ts`. */
import { composeSurroundings } from './compose.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { runTonearm } from './program.ts';
import { APPS, appNamed, runApp } from './run-app.ts';

// A reader that has seen enough (`tonearm status --watch | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT_CODES.ok : EXIT_CODES.failure);
});

const interruption = new AbortController();
const [first = '', ...rest] = process.argv.slice(2);

const app = appNamed(first);

if (app !== null) {
  process.exitCode = await runApp(APPS[app], rest, process);
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  process.exitCode = await runTonearm(process.argv.slice(2), composeSurroundings(process, interruption.signal));
}
