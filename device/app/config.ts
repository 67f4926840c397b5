/**
 * What a speaker is told at its start: flags, else `TONEARM_*` of the environment, else defaults. Everything is checked
 * here, and what is wrong is named by the flag or variable it came from.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { QUALITY_CAPS_KBPS, QUALITY_DEFAULT, type QualityPolicy } from '#device/core/audio/manifest/choose-file';
import type { Invocation } from '#protocol/adapters/program';
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { nameSchema, parseValue } from '#protocol/wire/schema';
import { parseSinkChoice, SINK_WORDS, type SinkChoice } from './sink-choice.ts';

/** Sound waiting in the device: short enough that a pause feels immediate, long enough for a busy two-core board. */
const LATENCY_DEFAULT_MS = 100;
const LATENCY_MIN_MS = 20;
const LATENCY_MAX_MS = 2_000;
const PORT_MAX = 65_535;
const NAME_LENGTH_MAX = 64;
const NAME_FALLBACK = 'Tonearm';

const QUALITY_WORDS = [...QUALITY_CAPS_KBPS.map(String), 'best'];

export interface SpeakerConfig {
  readonly dataFolder: string;
  readonly name: string;
  /** Null: found by mDNS. */
  readonly bridgeAddress: string | null;
  readonly sink: SinkChoice;
  readonly latency: Ms;
  readonly quality: QualityPolicy;
  readonly lanPort: number;
  readonly hasMdns: boolean;
  readonly logLevel: LogLevel;
}

/** What the machine says of itself. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly homeFolder: string;
}

export const USAGE = `Usage: tonearm device [flags]

A speaker: finds its bridge, plays what it is told. Logs JSON lines to stdout.

  --data DIR         where it keeps its settings         (TONEARM_DATA, default ~/.local/share/tonearm/speaker)
  --name NAME        what people call it                 (TONEARM_NAME, default the machine's name)
  --bridge URL       ws://host:port; else found by mDNS  (TONEARM_BRIDGE)
  --sink SINK        where it plays                      (TONEARM_SINK, default auto)
                     ${SINK_WORDS}
  --latency MS       sound waiting in the device         (TONEARM_LATENCY, default ${LATENCY_DEFAULT_MS})
  --quality Q        at most this many kbit/s: ${QUALITY_WORDS.join(', ')}  (TONEARM_QUALITY, default 160)
  --lan-port N       its own page, 0 for any free port   (TONEARM_LAN_PORT, default 0)
  --no-mdns          neither announce nor look           (TONEARM_NO_MDNS=1)
  --log-level LEVEL  ${LOG_LEVELS.join(', ')}            (TONEARM_LOG_LEVEL, default info)
  --help, --version

Exit codes: 0 ended as asked, 1 failed, 2 a flag or setting is wrong.
`;

const OPTIONS = {
  data: { type: 'string' },
  name: { type: 'string' },
  bridge: { type: 'string' },
  sink: { type: 'string' },
  latency: { type: 'string' },
  quality: { type: 'string' },
  'lan-port': { type: 'string' },
  'no-mdns': { type: 'boolean' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;
type Flag = keyof typeof OPTIONS;

/** @returns `config.invalid` with the flag (or the variable) as its field */
export function parseConfig(
  args: readonly string[],
  around: Surroundings,
): Result<Invocation<SpeakerConfig>, TonearmError> {
  let flags: Partial<Record<Flag, string | boolean>>;
  try {
    flags = parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    return refused(usageError(thrown));
  }
  if (flags.help === true) return ok({ kind: 'help' });
  if (flags.version === true) return ok({ kind: 'version' });
  try {
    return ok({ kind: 'run', config: readConfig(flags, around) });
  } catch (thrown) {
    if (thrown instanceof TonearmError) return refused(thrown);
    throw thrown;
  }
}

interface Given {
  readonly text: string;
  /** The flag or the variable, as the person wrote it. */
  readonly from: string;
}

function readConfig(flags: Partial<Record<Flag, string | boolean>>, around: Surroundings): SpeakerConfig {
  const given = (flag: Flag): Given | null => {
    const value = flags[flag];
    if (typeof value === 'string') return { text: value, from: `--${flag}` };
    const variable = `TONEARM_${flag.toUpperCase().replaceAll('-', '_')}`;
    const text = around.env[variable];
    return text === undefined || text === '' ? null : { text, from: variable };
  };
  const data = given('data');
  if (data?.text === '') fail(data, 'must name a folder');
  const isMute = flags['no-mdns'] === true || isTrue(given('no-mdns'));
  return {
    dataFolder: data?.text ?? join(dataHome(around), 'tonearm', 'speaker'),
    name: readName(given('name'), around.hostname),
    bridgeAddress: readAddress(given('bridge')),
    sink: readSink(given('sink')),
    latency: ms(readNumber(given('latency'), LATENCY_DEFAULT_MS, LATENCY_MIN_MS, LATENCY_MAX_MS)),
    quality: readQuality(given('quality')),
    lanPort: readNumber(given('lan-port'), 0, 0, PORT_MAX),
    hasMdns: !isMute,
    logLevel: readLogLevel(given('log-level')),
  };
}

function dataHome(around: Surroundings): string {
  const given = around.env['XDG_DATA_HOME'];
  return given === undefined || given === '' ? join(around.homeFolder, '.local', 'share') : given;
}

function readName(given: Given | null, hostname: string): string {
  if (given === null) return hostname.slice(0, NAME_LENGTH_MAX) || NAME_FALLBACK;
  const name = parseValue(nameSchema, given.text, given.from);
  if (!name.ok) fail(given, `must have 1 to ${NAME_LENGTH_MAX} characters and no control characters`);
  return given.text;
}

function readAddress(given: Given | null): string | null {
  if (given === null) return null;
  const url = URL.parse(given.text);
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.hostname === '') {
    return fail(given, `must look like ws://host:port, not ${JSON.stringify(given.text)}`);
  }
  // Without the slash at its end, so that one address is always written one way.
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

function readSink(given: Given | null): SinkChoice {
  if (given === null) return { kind: 'auto' };
  const choice = parseSinkChoice(given.text);
  return choice ?? fail(given, `must be one of ${SINK_WORDS}, not ${JSON.stringify(given.text)}`);
}

function readQuality(given: Given | null): QualityPolicy {
  if (given === null) return QUALITY_DEFAULT;
  if (given.text === 'best') return { kind: 'best' };
  const kbps = QUALITY_CAPS_KBPS.find((cap) => String(cap) === given.text);
  if (kbps !== undefined) return { kind: 'cap', kbps };
  return fail(given, `must be one of ${QUALITY_WORDS.join(', ')}, not ${JSON.stringify(given.text)}`);
}

function readNumber(given: Given | null, fallback: number, least: number, most: number): number {
  if (given === null) return fallback;
  const value = /^\d{1,9}$/.test(given.text) ? Number(given.text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return fail(given, `must be a whole number from ${least} to ${most}, not ${JSON.stringify(given.text)}`);
}

function readLogLevel(given: Given | null): LogLevel {
  if (given === null) return 'info';
  const level = LOG_LEVELS.find((it) => it === given.text);
  return level ?? fail(given, `must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(given.text)}`);
}

function isTrue(given: Given | null): boolean {
  if (given === null || given.text === '0' || given.text === 'false') return false;
  if (given.text === '1' || given.text === 'true') return true;
  return fail(given, `must be 1 or 0, not ${JSON.stringify(given.text)}`);
}

function fail(given: Given, rule: string): never {
  throw new TonearmError('config.invalid', `${given.from} ${rule}`, { field: given.from });
}

/** Node's own message names the flag; its first sentence is enough for one line. */
function usageError(thrown: unknown): TonearmError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [sentence = text] = text.split(/\. |\n/, 1);
  const flag = /--?[a-z][a-z-]*/i.exec(text)?.[0];
  const message = `${sentence}; see --help`;
  return new TonearmError('config.invalid', message, flag === undefined ? {} : { field: flag });
}
