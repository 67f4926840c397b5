/**
 * More is logged than anybody reads, as by a peer that provokes it or a log service that is stuck: the program works on, its
 * memory stays what it was, and whoever reads again is told how much is missing.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, '..', 'processes', 'flooding-program.ts');
/** 10 MB of lines each second, if all of them were kept. */
const TURNS = 250;
const GROWN_MAX_MB = 40;

interface Turn {
  readonly turns: number;
  readonly rssMb: number;
}

describe('a flood of log lines that nobody reads', { timeout: 60_000 }, () => {
  let program: ChildProcessByStdio<null, Readable, Readable>;
  const seen: Turn[] = [];

  beforeAll(() => {
    program = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: program.stderr }).on('line', (line) => seen.push(JSON.parse(line) as Turn));
  });

  afterAll(() => {
    program.kill('SIGKILL');
  });

  it('keeps nothing from being done, and takes no memory', async () => {
    while ((seen.at(-1)?.turns ?? 0) < TURNS) await once(program.stderr, 'data');
    const early = seen.find(({ turns }) => turns >= TURNS / 3);
    const late = seen.at(-1);
    expect((late?.rssMb ?? Number.NaN) - (early?.rssMb ?? Number.NaN)).toBeLessThan(GROWN_MAX_MB);
  });

  it('is told of when somebody reads', async () => {
    const lines = createInterface({ input: program.stdout });
    for await (const line of lines) {
      const { event, lines: letGo } = JSON.parse(line) as { event: string; lines?: number };
      if (event !== 'log.lines-let-go') continue;
      expect(letGo).toBeGreaterThan(1_000);
      return;
    }
    throw new Error('nothing was said of it');
  });

  it('ends as it is asked to', async () => {
    const ended = once(program, 'exit');
    program.stdout.resume();
    program.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});
