/** Addresses as people write them. */
import { describe, expect, it } from 'vitest';
import { formatEndpoint, parseEndpoint } from './endpoint.ts';

describe('an endpoint', () => {
  it.each(['127.0.0.1:4747', 'bridge.local:80', '[::1]:443'])('%s is read and written alike', (text) => {
    expect(formatEndpoint(parseEndpoint(text, '--to', false))).toBe(text);
  });

  it.each([
    '',
    '4747',
    ':80',
    'host',
    'host:',
    'host:0',
    'host:70000',
    '::1:80',
    '[127.0.0.1]:80',
    'a b:1',
    'host:1:2',
  ])('%j is refused by the name of its flag', (text) => {
    expect(() => parseEndpoint(text, '--to', false)).toThrow(/^--to must be HOST:PORT/);
  });

  it('may have any port where one listens', () => {
    expect(parseEndpoint('127.0.0.1:0', '--listen', true).port).toBe(0);
  });
});
