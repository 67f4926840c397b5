import { describe, expect, it } from 'vitest';
import { createLogOutput, LOG_WAITING_BYTES_MAX, LOG_WINDOW_MS } from './log-output.ts';

function rig() {
  const stream = {
    writableLength: 0,
    written: [] as string[],
    write(text: string) {
      stream.written.push(text);
      stream.writableLength += text.length;
    },
  };
  return { stream, log: createLogOutput(stream, { wallMs: () => Date.UTC(2030, 0) }) };
}

describe('log output', () => {
  it('writes line by line', () => {
    const { stream, log } = rig();
    log('{"event":"one"}');
    log('{"event":"two"}');
    expect(stream.written).toEqual(['{"event":"one"}\n', '{"event":"two"}\n']);
  });

  it('lets lines go while nobody reads, and says how many once somebody does', () => {
    const { stream, log } = rig();
    const line = 'x'.repeat(1_000);
    for (let count = 0; count < 10_000; count += 1) log(line);
    expect(stream.writableLength).toBeLessThan(LOG_WAITING_BYTES_MAX + 2_000);
    const kept = stream.written.length;
    stream.writableLength = 0;
    log('again');
    log('and again');
    expect(stream.written.slice(kept)).toEqual([
      `{"at":"2030-01-01T00:00:00.000Z","level":"warn","event":"log.lines-let-go","lines":${10_000 - kept}}\n`,
      'again\n',
      'and again\n',
    ]);
  });

  it('writes so many lines in a window, and says in the next how many it let go', () => {
    const { stream } = rig();
    const clock = { now: Date.UTC(2030, 0), wallMs: () => clock.now };
    const log = createLogOutput(stream, clock, 3);
    for (let count = 0; count < 10; count += 1) log(`${count}`);
    expect(stream.written).toEqual(['0\n', '1\n', '2\n']);
    clock.now += LOG_WINDOW_MS;
    log('later');
    expect(stream.written.slice(3)).toEqual([expect.stringContaining('"lines":7'), 'later\n']);
    // A clock that is set back must not silence it.
    clock.now -= 3_600_000;
    log('earlier');
    expect(stream.written.at(-1)).toBe('earlier\n');
  });
});
