import { describe, expect, it } from 'vitest';
import {
  CACHE_HOME,
  DATA_HOME,
  fail,
  readChoice,
  readFolder,
  readHost,
  readLogLevel,
  readName,
  readPort,
  readWholeNumber,
} from '#protocol/adapters/flag-values';
import { type Flags, parseFlags } from '#protocol/adapters/flags';

const DECLARED = { 'lan-port': 'value', edge: 'list', 'no-mdns': 'switch' } as const;
type Name = keyof typeof DECLARED;

function parse<Config>(args: readonly string[], env: Record<string, string>, read: (flags: Flags<Name>) => Config) {
  return parseFlags(DECLARED, { args, env, prefix: 'TONEARM_TEST_' }, read);
}

function run<Config>(args: readonly string[], env: Record<string, string>, read: (flags: Flags<Name>) => Config) {
  const parsed = parse(args, env, read);
  if (!parsed.ok) throw parsed.error;
  if (parsed.value.kind !== 'run') throw new Error(parsed.value.kind);
  return parsed.value.config;
}

describe('the flags of a program', () => {
  it('say where each value came from, flags before variables', () => {
    const env = { TONEARM_TEST_LAN_PORT: '5', TONEARM_TEST_EDGE: '' };
    expect(run(['--lan-port', '7'], env, ({ given }) => given('lan-port'))).toEqual({ text: '7', from: '--lan-port' });
    expect(run([], env, ({ given }) => given('lan-port'))).toEqual({ text: '5', from: 'TONEARM_TEST_LAN_PORT' });
    expect(run([], env, ({ given }) => given('edge'))).toBeNull();
    expect(run(['--lan-port', ''], {}, ({ given }) => given('lan-port'))).toEqual({ text: '', from: '--lan-port' });
  });

  it('may be given again where they are lists', () => {
    const edges = run(['--edge', 'a', '--edge', 'b,c'], {}, ({ given }) => given('edge'));
    expect(edges).toEqual({ text: 'a,b,c', from: '--edge' });
  });

  it.each([
    [['--no-mdns'], {}, true],
    [[], {}, false],
    [[], { TONEARM_TEST_NO_MDNS: '1' }, true],
    [[], { TONEARM_TEST_NO_MDNS: 'false' }, false],
  ])('are on or off where they are switches: %j %j', (args, env, isOn) => {
    expect(run(args, env, (flags) => flags.isOn('no-mdns'))).toBe(isOn);
  });

  it.each([
    [['--lan-prot', '5'], {}, '--lan-prot'],
    [['--lan-port'], {}, '--lan-port'],
    [['--no-mdns=1'], {}, '--no-mdns'],
    [[], { TONEARM_TEST_NO_MDNS: 'maybe' }, 'TONEARM_TEST_NO_MDNS'],
  ])('are refused by name: %j %j', (args, env, field) => {
    const parsed = parse(args, env, (flags) => flags.isOn('no-mdns'));
    expect(parsed).toMatchObject({ ok: false, error: { code: 'config.invalid', field } });
  });

  it('ask for help or the version before anything is read', () => {
    const read = () => fail({ text: '', from: '--edge' }, 'must not be read');
    expect(parse(['-h'], {}, read)).toEqual({ ok: true, value: { kind: 'help' } });
    expect(parse(['--version'], {}, read)).toEqual({ ok: true, value: { kind: 'version' } });
    expect(parse([], {}, read)).toMatchObject({ ok: false, error: { field: '--edge' } });
  });

  it('let a fault of ours through', () => {
    const broken = () => {
      throw new RangeError('ours');
    };
    expect(() => parse([], {}, broken)).toThrow(RangeError);
  });
});

describe('the values of flags', () => {
  const of = (text: string) => ({ text, from: '--it' });
  const around = { env: { XDG_CACHE_HOME: '/c' }, hostname: 'h', homeFolder: '/home/me' };

  it('are read, or are what they are otherwise', () => {
    expect(readPort(of('65535'), 1)).toBe(65_535);
    expect(readPort(null, 1)).toBe(1);
    expect(readWholeNumber(of('12'), 0, { least: 0, most: 12 })).toBe(12);
    expect(readChoice(of('off'), 'on', ['on', 'off'])).toBe('off');
    expect(readLogLevel(null)).toBe('info');
    expect(readHost(of('::1'), '0.0.0.0')).toBe('::1');
    expect(readName(of('Küche “links”'), 'x')).toBe('Küche “links”');
    expect(readFolder(null, around, DATA_HOME, 'speaker')).toBe('/home/me/.local/share/tonearm/speaker');
    expect(readFolder(null, around, CACHE_HOME, 'edge')).toBe('/c/tonearm/edge');
    expect(readFolder(of('/a/../b'), around, CACHE_HOME, 'edge')).toBe('/b');
  });

  it.each([
    ['a port', () => readPort(of('65536'), 1)],
    ['a number', () => readWholeNumber(of('13'), 0, { least: 0, most: 12 })],
    ['a number', () => readWholeNumber(of('1e1'), 0, { least: 0, most: 12 })],
    ['a choice', () => readChoice(of('Off'), 'on', ['on', 'off'])],
    ['a level', () => readLogLevel(of('loud'))],
    ['a host', () => readHost(of('a b'), '')],
    ['a name', () => readName(of('a\u0007'), '')],
    ['a name', () => readName(of('x'.repeat(65)), '')],
    ['a folder', () => readFolder(of(''), around, DATA_HOME, 'speaker')],
  ])('are refused by where they came from: %s', (_what, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'config.invalid', field: '--it' }));
  });
});
