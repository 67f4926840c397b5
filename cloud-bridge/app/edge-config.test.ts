import { describe, expect, it } from 'vitest';
import { parseEdgeConfig } from './edge-config.ts';

const around = { env: {}, hostname: 'attic', homeFolder: '/home/somebody' };
const ORIGIN = ['--origin', 'http://bridge.local:4747/'];

function configOf(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const parsed = parseEdgeConfig(args, { ...around, env });
  if (!parsed.ok) return parsed.error.field;
  return parsed.value.kind === 'run' ? parsed.value.config : parsed.value.kind;
}

describe("an edge's settings", () => {
  it('have defaults for all but the origin', () => {
    expect(configOf(ORIGIN)).toMatchObject({
      origin: 'http://bridge.local:4747',
      cacheFolder: '/home/somebody/.cache/tonearm/edge',
      ...{ port: 4748, host: '0.0.0.0', tls: null, name: 'attic', region: null, logLevel: 'info' },
    });
  });

  it('divide what they are given, an eighth for heads', () => {
    expect(configOf([...ORIGIN, '--size', '800M', '--memory', '64m'])).toMatchObject({
      sizes: {
        diskSlices: 700 * 1024 ** 2,
        diskHeads: 100 * 1024 ** 2,
        memorySlices: 56 * 1024 ** 2,
        memoryHeads: 8 * 1024 ** 2,
      },
    });
  });

  it('come from the environment, too, and flags go before', () => {
    const env = { TONEARM_EDGE_ORIGIN: 'https://a', TONEARM_EDGE_PORT: '1', TONEARM_EDGE_REGION: 'north' };
    expect(configOf(['--port', '2'], env)).toMatchObject({ origin: 'https://a', port: 2, region: 'north' });
  });

  it.each<readonly [field: string, args: readonly string[]]>([
    ['--origin', []],
    ['--origin', ['--origin', 'ftp://a']],
    ['--origin', ['--origin', 'http://a/path']],
    ['--origin', ['--origin', 'http://user@a']],
    ['--size', [...ORIGIN, '--size', '15M']],
    ['--size', [...ORIGIN, '--size', '2 GB']],
    ['--memory', [...ORIGIN, '--memory', '-1']],
    ['--port', [...ORIGIN, '--port', '65536']],
    ['--tls-key', [...ORIGIN, '--tls-cert', 'a.pem']],
    ['--tls-cert', [...ORIGIN, '--tls-key', 'a.pem']],
    ['--name', [...ORIGIN, '--name', 'a b']],
    ['--log-level', [...ORIGIN, '--log-level', 'loud']],
    ['--what', [...ORIGIN, '--what']],
  ])('name what is wrong: %s', (field, args) => {
    expect(configOf(args)).toBe(field);
  });
});
