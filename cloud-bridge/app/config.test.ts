import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Surroundings } from '#protocol/adapters/flag-values';
import { type BridgeConfig, parseConfig } from './config.ts';

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
      hasFlightRecorder: false,
      hasWatch: true,
      hostNames: ['pantry'],
      country: null,
      edges: [],
      access: 'required',
      tls: { port: 4748, isPortGiven: false, given: null },
      hasOwnerLink: false,
      mqtt: { kind: 'off' },
      metrics: null,
      node: null,
      store: { kind: 'folder' },
      logLevel: 'info',
    });
  });

  it('watches music folders unless told not to', () => {
    expect(config(['--no-watch'])).toMatchObject({ hasWatch: false });
    expect(config([], { TONEARM_BRIDGE_NO_WATCH: '1' })).toMatchObject({ hasWatch: false });
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
    [['--flight-recorder', 'maybe'], {}, '--flight-recorder'],
    [['--flight-recorder', 'on', '--node', 'attic', '--mqtt', 'mqtt://broker:1883'], {}, '--flight-recorder'],
    [['--colour', 'blue'], {}, '--colour'],
    [['--port'], {}, '--port'],
    [['music'], {}, undefined],
  ] as const)('refuses %j %j', (args, env, field) => {
    const invocation = parseConfig(args, { ...AROUND, env });
    expect(invocation).toMatchObject({ ok: false, error: { code: 'config.invalid', field } });
    if (!invocation.ok && field !== undefined) expect(invocation.error.message).toContain(field);
  });

  it('takes edges with and without regions, from flags and from the environment', () => {
    const edges = [
      { url: 'http://attic:4748', region: 'attic' },
      { url: 'https://cdn.example/music', region: null },
    ];
    expect(config(['--edge', 'http://attic:4748/,attic', '--edge', 'https://cdn.example/music']).edges).toEqual(edges);
    const env = {
      TONEARM_BRIDGE_EDGE: 'http://attic:4748, attic,https://cdn.example/music',
      TONEARM_BRIDGE_COUNTRY: 'AT',
    };
    expect(config([], env)).toMatchObject({ edges, country: 'AT' });
  });

  it.each([
    ['--edge', 'attic'],
    ['--edge', 'ftp://attic'],
    ['--edge', 'http://'],
    ['--edge', 'http://a/?token=1'],
    ['--edge', 'http://me:secret@a'],
    ['--edge', 'http://a,one,two'],
    ['--edge', 'http://a,http://a/'],
    ['--edge', Array.from({ length: 16 }, (_, n) => `http://a${n}`).join(',')],
    ['--country', 'at'],
    ['--country', 'AUT'],
  ])('refuses %s %s, naming the flag', (flag, value) => {
    const invocation = parseConfig([flag, value], AROUND);
    expect(invocation).toMatchObject({ ok: false, error: { code: 'config.invalid', field: flag } });
  });
});
