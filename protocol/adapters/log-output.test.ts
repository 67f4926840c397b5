import { describe, expect, it } from 'vitest';
import { createLogOutput, LOG_WAITING_BYTES_MAX } from './log-output.ts';

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
});
