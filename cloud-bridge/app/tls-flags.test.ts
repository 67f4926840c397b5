import { describe, expect, it } from 'vitest';
import { readTls } from './tls-flags.ts';

const flag = (name: string, text: string | undefined) =>
  text === undefined ? null : { name: `--${name}`, field: name, text };
const tls = (flags: { port?: string; cert?: string; key?: string }, plainPort = 4747) =>
  readTls(
    {
      port: flag('tls-port', flags.port),
      cert: flag('tls-cert', flags.cert),
      key: flag('tls-key', flags.key),
    } as never,
    plainPort,
  );

describe('the flags of the TLS port', () => {
  it('default to the next port, which may give way', () => {
    expect(tls({})).toEqual({ port: 4748, isPortGiven: false, given: null });
    expect(tls({}, 0)).toEqual({ port: 0, isPortGiven: false, given: null });
    expect(tls({}, 65_535)).toEqual({ port: 0, isPortGiven: false, given: null });
  });

  it('take a port, or none', () => {
    expect(tls({ port: '8443' })).toEqual({ port: 8443, isPortGiven: true, given: null });
    expect(tls({ port: '0' })).toBeNull();
    expect(() => tls({ port: '4747' })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    expect(() => tls({ port: 'https' })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });

  it('take a certificate with its key, and neither alone', () => {
    expect(tls({ cert: '/a.crt', key: '/a.key' })?.given).toEqual({ cert: '/a.crt', key: '/a.key' });
    for (const half of [{ cert: '/a.crt' }, { key: '/a.key' }]) {
      expect(() => tls(half)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    }
  });
});
