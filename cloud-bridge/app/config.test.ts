import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BridgeConfig, parseConfig, type Surroundings } from './config.ts';

const AROUND: Surroundings = { env: {}, hostname: 'pantry', homeFolder: '/home/somebody' };

function config(args: readonly string[], env: Surroundings['env'] = {}): BridgeConfig {
  const invocation = parseConfig(args, { ...AROUND, env });
  if (!invocation.ok) throw invocation.error;
  if (invocation.value.kind !== 'run') throw new Error('it asks for help');
  return invocation.value.config;
}

describe('the bridge’s configuration', () => {
  it('has a default for everything', () => {
    expect(config([])).toEqual({
      dataFolder: '/home/somebody/.local/share/tonearm/bridge',
      port: 4747,
      host: '0.0.0.0',
      name: 'Tonearm',
      musicFolder: null,
      decoder: 'auto',
      hasMdns: true,
      hostNames: ['pantry'],
      logLevel: 'info',
    });
  });

  it('takes flags before the environment', () => {
    const env = {
      TONEARM_BRIDGE_PORT: '1',
      TONEARM_BRIDGE_NAME: 'Env',
      TONEARM_BRIDGE_NO_MDNS: '1',
      XDG_DATA_HOME: '/d',
    };
    const given = config(['--port', '0', '--host-name', 'a.example', '--host-name', 'b'], env);
    expect(given).toMatchObject({ port: 0, name: 'Env', hasMdns: false, dataFolder: '/d/tonearm/bridge' });
    expect(given.hostNames).toEqual(['pantry', 'a.example', 'b']);
    expect(config(['--decoder', 'wasm'], { TONEARM_BRIDGE_DECODER: 'ffmpeg' }).decoder).toBe('wasm');
    const music = mkdtempSync(join(tmpdir(), 'tonearm-config-'));
    expect(config(['--music', music]).musicFolder).toBe(music);
  });

  it('knows help and version', () => {
    expect(parseConfig(['--help'], AROUND)).toMatchObject({ value: { kind: 'help' } });
    expect(parseConfig(['--version'], AROUND)).toMatchObject({ value: { kind: 'version' } });
  });

  const file = join(mkdtempSync(join(tmpdir(), 'tonearm-config-')), 'a-file');
  writeFileSync(file, '');
  it.each([
    [['--port', '99999'], {}, '--port'],
    [['--port', '-1'], {}, '--port'],
    [['--port', '1.5'], {}, '--port'],
    [['--port', ''], {}, '--port'],
    [[], { TONEARM_BRIDGE_PORT: 'http' }, 'TONEARM_BRIDGE_PORT'],
    [['--host', 'not an address'], {}, '--host'],
    [['--name', ''], {}, '--name'],
    [['--name', 'x'.repeat(65)], {}, '--name'],
    [['--data', ''], {}, '--data'],
    [['--decoder', 'vlc'], {}, '--decoder'],
    [[], { TONEARM_BRIDGE_DECODER: 'vlc' }, 'TONEARM_BRIDGE_DECODER'],
    [['--music', '/nowhere/at/all'], {}, '--music'],
    [['--music', file], {}, '--music'],
    [['--host-name', 'a:80'], {}, '--host-name'],
    [['--log-level', 'loud'], {}, '--log-level'],
    [[], { TONEARM_BRIDGE_NO_MDNS: 'perhaps' }, 'TONEARM_BRIDGE_NO_MDNS'],
    [['--colour', 'blue'], {}, '--colour'],
    [['--port'], {}, '--port'],
    [['music'], {}, undefined],
  ] as const)('refuses %j %j', (args, env, field) => {
    const invocation = parseConfig(args, { ...AROUND, env });
    expect(invocation).toMatchObject({ ok: false, error: { code: 'config.invalid', field } });
    if (!invocation.ok && field !== undefined) expect(invocation.error.message).toContain(field);
  });
});
