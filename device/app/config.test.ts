import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CROSSFADE_SECONDS_MAX, parseConfig, type SpeakerConfig, USAGE } from '#device/app/config';
import { describeSink } from '#device/app/sink-choice';
import { SPEAKER_VERSION } from '#device/app/version';
import { CROSSFADE_MAX_MS } from '#device/core/audio/engine';

const AROUND = { env: {}, hostname: 'board', homeFolder: '/home/me' };

function run(args: readonly string[], env: Record<string, string> = {}): SpeakerConfig {
  const parsed = parseConfig(args, { ...AROUND, env });
  if (!parsed.ok) throw parsed.error;
  if (parsed.value.kind !== 'run') throw new Error(`not to be run: ${parsed.value.kind}`);
  return parsed.value.config;
}

describe('what a speaker is told at its start', () => {
  it('needs to be nothing', () => {
    expect(run([])).toEqual({
      dataFolder: '/home/me/.local/share/tonearm/speaker',
      name: 'board',
      bridgeAddress: null,
      sink: { kind: 'auto' },
      latency: 100,
      quality: { kind: 'cap', kbps: 160 },
      crossfade: 0,
      loudness: 'track',
      sampleBits: 16,
      cache: 256 * 1024 * 1024,
      lanPort: 0,
      hasMdns: true,
      hasFlightRecorder: false,
      hook: null,
      buttonsFile: null,
      updateWindow: null,
      logLevel: 'info',
      isSoundTest: false,
      isSelfTest: false,
    });
  });

  it('is taken from flags', () => {
    const args = ['--data', '/d', '--name', 'Küche', '--bridge', 'ws://10.0.0.2:4747/', '--sink', 'file:/tmp/a:b.wav'];
    const mix = [
      '--latency',
      '250',
      '--quality',
      'best',
      '--crossfade',
      '12',
      '--loudness',
      'album',
      '--sample-bits',
      '24',
    ];
    const more = [
      '--flight-recorder',
      'on',
      '--hook',
      '/usr/local/bin/hook',
      '--buttons',
      '/etc/tonearm/board.json',
      '--update-window',
      '23:30-01:00',
      '--cache-mb',
      '0',
      '--lan-port',
      '4748',
      '--no-mdns',
      '--log-level',
      'debug',
    ];
    expect(run([...args, ...mix, ...more])).toEqual({
      dataFolder: '/d',
      name: 'Küche',
      bridgeAddress: 'ws://10.0.0.2:4747',
      sink: { kind: 'file', path: '/tmp/a:b.wav' },
      latency: 250,
      quality: { kind: 'best' },
      crossfade: 12_000,
      loudness: 'album',
      sampleBits: 24,
      cache: 0,
      lanPort: 4748,
      hasMdns: false,
      hasFlightRecorder: true,
      hook: '/usr/local/bin/hook',
      buttonsFile: '/etc/tonearm/board.json',
      updateWindow: { from: 1_410, to: 60 },
      logLevel: 'debug',
      isSoundTest: false,
      isSelfTest: false,
    });
  });

  it('is taken from the environment, which flags overrule', () => {
    const env = { TONEARM_NAME: 'Bath', TONEARM_LAN_PORT: '99', TONEARM_NO_MDNS: '1', TONEARM_SINK: 'alsa:plughw:1,0' };
    expect(run(['--name', 'Kitchen'], env)).toMatchObject({
      name: 'Kitchen',
      lanPort: 99,
      hasMdns: false,
      sink: { kind: 'alsa', device: 'plughw:1,0' },
    });
    expect(run([], { XDG_DATA_HOME: '/xdg', TONEARM_NO_MDNS: '0' })).toMatchObject({
      dataFolder: '/xdg/tonearm/speaker',
      hasMdns: true,
    });
  });

  it.each([
    [['--sink', 'tape'], '--sink'],
    [['--sink', 'file:'], '--sink'],
    [['--bridge', 'http://10.0.0.2'], '--bridge'],
    [['--bridge', '10.0.0.2:4747'], '--bridge'],
    [['--lan-port', '65536'], '--lan-port'],
    [['--lan-port', '1e3'], '--lan-port'],
    [['--latency', '-5'], '--latency'],
    [['--latency=1'], '--latency'],
    [['--quality', '128'], '--quality'],
    [['--quality', 'Best'], '--quality'],
    [['--crossfade', '13'], '--crossfade'],
    [['--crossfade', '0.5'], '--crossfade'],
    [['--loudness', '3'], '--loudness'],
    [['--sample-bits', '20'], '--sample-bits'],
    [['--cache-mb', '1.5'], '--cache-mb'],
    [['--update-window', '02:00-02:10'], '--update-window'],
    [['--name', 'a\u0007b'], '--name'],
    [['--name', 'x'.repeat(65)], '--name'],
    [['--data', ''], '--data'],
    [['--log-level', 'loud'], '--log-level'],
    [['--bridge'], '--bridge'],
    [['--louder', '3'], '--louder'],
  ])('is refused by the name of the flag: %j', (args, field) => {
    const parsed = parseConfig(args, AROUND);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'config.invalid', field } });
    expect(parsed.ok ? '' : parsed.error.message).toContain(field);
    expect(parsed.ok ? '' : parsed.error.message).not.toContain('\n');
  });

  it('is refused by the name of the variable where that was wrong', () => {
    expect(parseConfig([], { ...AROUND, env: { TONEARM_LAN_PORT: 'x' } })).toMatchObject({
      ok: false,
      error: { field: 'TONEARM_LAN_PORT' },
    });
  });

  it('is refused when it is more than flags', () => {
    expect(parseConfig(['music'], AROUND)).toMatchObject({ ok: false, error: { code: 'config.invalid' } });
  });

  it('may be a question', () => {
    expect(parseConfig(['--help'], AROUND)).toEqual({ ok: true, value: { kind: 'help' } });
    expect(parseConfig(['--version'], AROUND)).toEqual({ ok: true, value: { kind: 'version' } });
    const some = ['data', 'name', 'bridge', 'sink', 'latency', 'quality', 'crossfade', 'loudness'];
    for (const flag of [...some, 'sample-bits', 'cache-mb', 'lan-port', 'no-mdns', 'log-level', 'test-sound']) {
      expect(USAGE).toContain(`--${flag}`);
    }
  });

  it.each([
    'auto',
    'virtual',
    'alsa:hw:0',
    'pulse',
    'pulse:spk1',
    'file:/a.wav',
    'pipe',
    'pipe:/run/sound',
    'speaker:hw:0',
  ])('describes a sink as it was written: %s', (sink) => {
    expect(describeSink(run(['--sink', sink]).sink)).toBe(sink);
  });
});

describe('the longest crossfade', () => {
  it('is the engine’s', () => {
    expect(CROSSFADE_SECONDS_MAX * 1_000).toBe(CROSSFADE_MAX_MS);
  });
});

describe('the version', () => {
  it('is the package’s', () => {
    const file = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ version: SPEAKER_VERSION });
  });
});
