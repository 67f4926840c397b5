/**
 * A program of ours that logs more than anybody reads, for as long as it runs: started by a scenario that does not read. It
 * counts what else it got done, on standard error, where the scenario does read.
 */
import { runProgram } from '#protocol/adapters/program';
import { ok } from '#protocol/vocabulary/result';

const EVERY_MS = 20;
const LINES_EACH = 400;
const FIELD = 'x'.repeat(500);

await runProgram(
  process,
  {
    name: 'flood',
    label: 'flood',
    usage: '',
    version: '0',
    start: async (_, logger) => {
      let turns = 0;
      const timer = setInterval(() => {
        turns += 1;
        for (let line = 0; line < LINES_EACH; line += 1) logger.info('flood.line', { turns, FIELD });
        const rssMb = Math.round(process.memoryUsage.rss() / 1024 / 1024);
        process.stderr.write(`${JSON.stringify({ turns, rssMb })}\n`);
      }, EVERY_MS);
      return { ready: {}, stop: async () => clearInterval(timer) };
    },
  },
  ok({ kind: 'run', config: { logLevel: 'info' } }),
);
