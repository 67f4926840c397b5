import { describe, expect, it } from 'vitest';
import { createJsonLogger, LOG_TEXT_LENGTH_MAX } from './json-logger.ts';

const clock = { wallMs: () => Date.UTC(2030, 0, 2, 3, 4, 5, 6) };

function stage(level: 'debug' | 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  return { lines, logger: createJsonLogger((line) => lines.push(line), clock, level) };
}

describe('JSON logger', () => {
  it('writes one flat object per event', () => {
    const { lines, logger } = stage();
    logger.info('bridge.ready', { url: 'http://x', port: 4747, isNew: true, gone: null, absent: undefined });
    expect(lines).toEqual([
      '{"at":"2030-01-02T03:04:05.006Z","level":"info","event":"bridge.ready","url":"http://x","port":4747,"isNew":true,"gone":null}',
    ]);
  });

  it('leaves out what is below its level', () => {
    const { lines, logger } = stage('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c', 'd']);
  });

  it('adds fields for good with `with`, nearer ones winning', () => {
    const { lines, logger } = stage();
    logger.with({ speaker: 'a', room: 'x' }).with({ room: 'y' }).info('e', { track: 't' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ speaker: 'a', room: 'y', track: 't' });
  });

  it('never lets a field hide what the line is', () => {
    const { lines, logger } = stage();
    logger.info('real', { event: 'fake', level: 'error', at: 'never' });
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ event: 'real', level: 'info', 'field.event': 'fake', 'field.at': 'never' });
  });

  it('keeps a line a line, whatever it is given', () => {
    const { lines, logger } = stage();
    logger.info('e', { text: `a\nb${'x'.repeat(10_000)}`, nan: Number.NaN, infinite: Number.POSITIVE_INFINITY });
    expect(lines[0]).not.toContain('\n');
    const line = JSON.parse(lines[0] ?? '');
    expect(line.text).toHaveLength(LOG_TEXT_LENGTH_MAX + 1);
    expect(line).toMatchObject({ nan: 'NaN', infinite: 'Infinity' });
  });
});
