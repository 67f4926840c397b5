import { describe, expect, it } from 'vitest';
import { addressOf, parseBridgeAddress } from './bridge-address.ts';

function parsed(text: string): string {
  const result = parseBridgeAddress(text);
  return result.ok ? result.value : `${result.error.code} ${result.error.field}`;
}

describe('parseBridgeAddress', () => {
  it.each([
    ['10.0.0.5', 'http://10.0.0.5:4747'],
    ['10.0.0.5:80', 'http://10.0.0.5'],
    ['bridge.local:5000', 'http://bridge.local:5000'],
    ['http://10.0.0.5:4747/', 'http://10.0.0.5:4747'],
    ['ws://10.0.0.5:4747', 'http://10.0.0.5:4747'],
    ['https://music.example', 'https://music.example'],
    ['[fe80::1]:4747', 'http://[fe80::1]:4747'],
  ])('%s is %s', (text, url) => {
    expect(parsed(text)).toBe(url);
  });

  it.each(['', 'ftp://x', 'http://a b', 'http://user:secret@x', 'http://x/path', 'http://x?y=1', 'x:99999'])(
    '%s is refused by name',
    (text) => {
      expect(parsed(text)).toBe('input.invalid --bridge');
    },
  );

  it('never repeats a password', () => {
    const result = parseBridgeAddress('http://user:secret@x');
    expect(result.ok ? '' : result.error.message).not.toContain('secret');
  });
});

describe('addressOf', () => {
  it('puts IPv6 in brackets', () => {
    expect(addressOf('fe80::1', 4747)).toBe('http://[fe80::1]:4747');
    expect(addressOf('10.0.0.5', 1)).toBe('http://10.0.0.5:1');
  });
});
