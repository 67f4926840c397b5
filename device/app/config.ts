/**
 * What a speaker is told at its start: flags, else `TONEARM_*` of the environment, else defaults. Everything is checked
 * here, and what is wrong is named by the flag or variable it came from.
 */
import { resolve } from 'node:path';
import { QUALITY_CAPS_KBPS, QUALITY_DEFAULT, type QualityPolicy } from '#device/core/audio/manifest/choose-file';
import type { LoudnessMode } from '#device/core/audio/mix/gain';
import type { SampleBits } from '#device/core/ports/audio-sink';
import { parseUpdateWindow, type UpdateWindow, WINDOW_MINUTES_MIN } from '#device/core/update/update-window';
import {
  DATA_HOME,
  fail,
  type Given,
  readChoice,
  readFolder,
  readLogLevel,
  readName,
  readPort,
  readSwitch,
  readWholeNumber,
  type Surroundings,
} from '#protocol/adapters/flag-values';
import { type Flags, parseFlags } from '#protocol/adapters/flags';
import type { Invocation } from '#protocol/adapters/program';
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Bytes, bytes, type Ms, ms } from '#protocol/vocabulary/units';
import { parseSinkChoice, SINK_WORDS, type SinkChoice } from './sink-choice.ts';

/** Sound waiting in the device: short enough that a pause feels immediate, long enough for a busy two-core board. */
const LATENCY_DEFAULT_MS = 100;
/**
 * Every sink works from 40 to 200 ms, which is what to choose from. Below, a fast machine may do without a drop-out; far
 * above, one that cannot hurry (a board that does a lot else, sound over a radio) plays on where it would else stutter.
 */
const LATENCY_RANGE_MS = { least: 20, most: 2_000 } as const;
/** What the engine takes; longer mixes are a disc jockey's work. */
export const CROSSFADE_SECONDS_MAX = 12;
const MS_PER_SECOND = 1_000;
/** Three and a half hours at 160 kbit/s: an evening, on the smallest of cards. */
const CACHE_DEFAULT_MB = 256;
const CACHE_RANGE_MB = { least: 0, most: 1_000_000 } as const;
const BYTES_PER_MB = 1024 * 1024;
const NAME_LENGTH_MAX = 64;
const NAME_FALLBACK = 'Tonearm';

const QUALITY_WORDS = [...QUALITY_CAPS_KBPS.map(String), 'best'];
const LOUDNESS_MODES = ['track', 'album', 'off'] as const satisfies readonly LoudnessMode[];
const SAMPLE_BITS = ['16', '24', '32'] as const;

export interface SpeakerConfig {
  readonly dataFolder: string;
  readonly name: string;
  /** Null: found by mDNS. */
  readonly bridgeAddress: string | null;
  readonly sink: SinkChoice;
  readonly latency: Ms;
  readonly quality: QualityPolicy;
  /** 0: tracks join without a gap. */
  readonly crossfade: Ms;
  readonly loudness: LoudnessMode;
  readonly sampleBits: SampleBits;
  /** What is kept on disk of what was fetched; 0: nothing. */
  readonly cache: Bytes;
  readonly lanPort: number;
  readonly hasMdns: boolean;
  /** Holds in memory what came in lately, to be written when somebody asks, or at a glitch. */
  readonly hasFlightRecorder: boolean;
  /** A program that is told of events, as a path or as PATH finds it; null: none. */
  readonly hook: string | null;
  /** Path of the file that says what is on the board's lines; null: nothing. */
  readonly buttonsFile: string | null;
  /** When another version may take over; null: at night sooner, by day later. */
  readonly updateWindow: UpdateWindow | null;
  readonly logLevel: LogLevel;
  /** Only plays two notes and says what came of it. */
  readonly isSoundTest: boolean;
  /** Only looks whether this build works on this machine. */
  readonly isSelfTest: boolean;
}

export const USAGE = `Usage: tonearm speaker [flags]

A speaker: finds its bridge, plays what it is told. Logs JSON lines to stdout.

  --data DIR         where it keeps its settings         (TONEARM_DATA, default ~/.local/share/tonearm/speaker)
  --name NAME        what people call it                 (TONEARM_NAME, default the machine's name)
  --bridge URL       ws://host:port of a bridge that asks nobody, while it has no owner; else by mDNS  (TONEARM_BRIDGE)
  --sink SINK        where it plays                      (TONEARM_SINK, default auto)
                     ${SINK_WORDS}
  --latency MS       sound waiting in the device, best 40 to 200  (TONEARM_LATENCY, default ${LATENCY_DEFAULT_MS})
  --crossfade S      one track into the next, 0 to ${CROSSFADE_SECONDS_MAX} s  (TONEARM_CROSSFADE, default 0)
  --loudness MODE    evened out by ${LOUDNESS_MODES.join(', ')}     (TONEARM_LOUDNESS, default track)
  --sample-bits N    asked of the device: ${SAMPLE_BITS.join(', ')}     (TONEARM_SAMPLE_BITS, default 16)
  --quality Q        at most this many kbit/s, less on a slow link: ${QUALITY_WORDS.join(', ')}  (TONEARM_QUALITY, default 160)
  --cache-mb N       MiB on disk for what was fetched, 0 for none  (TONEARM_CACHE_MB, default ${CACHE_DEFAULT_MB})
  --lan-port N       its own page, 0 for any free port   (TONEARM_LAN_PORT, default 0)
  --no-mdns          neither announce nor look           (TONEARM_NO_MDNS=1)
  --flight-recorder WHEN  on or off: holds what came in lately, written at SIGUSR2 or a glitch  (TONEARM_FLIGHT_RECORDER, default off)
  --hook PROGRAM     run on events: playing, paused, stopped, volume, track-changed, pairing-code, connected, disconnected,
                     update, error; told in TONEARM_EVENT* and as a line of JSON  (TONEARM_HOOK)
  --buttons FILE     JSON: which lines of a GPIO chip are buttons and a light  (TONEARM_BUTTONS)
  --update-window T  only then another version takes over, in a silence, such as 02:00-05:00  (TONEARM_UPDATE_WINDOW, default any time)
  --log-level LEVEL  ${LOG_LEVELS.join(', ')}            (TONEARM_LOG_LEVEL, default info)
  --test-sound       play two soft notes on the sink, say what came of it as one line of JSON, and end
  --self-test        load and try what this build is made of, say what was found as one line of JSON, and end
  --help, --version

  tonearm speaker pair [flags]         let this machine's speaker be paired, and show its code (its own --help)
  tonearm speaker doctor [--json] [--bundle FILE] [--no-tone] [flags]  look at all that this machine's speaker depends on
  tonearm speaker update FILE [--allow-downgrade] [--data DIR]  have this machine's speaker take a packed release
  tonearm speaker reset [--data DIR]   make it as new: nobody's, with another identity, having played nothing

Exit codes: 0 ended as asked, 1 failed, 2 a flag or setting is wrong.
`;

const FLAGS = {
  data: 'value',
  name: 'value',
  bridge: 'value',
  sink: 'value',
  latency: 'value',
  quality: 'value',
  crossfade: 'value',
  loudness: 'value',
  'sample-bits': 'value',
  'cache-mb': 'value',
  'lan-port': 'value',
  'no-mdns': 'switch',
  'flight-recorder': 'value',
  hook: 'value',
  buttons: 'value',
  'update-window': 'value',
  'log-level': 'value',
  'test-sound': 'switch',
  'self-test': 'switch',
} as const;

/** @returns `config.invalid` with the flag (or the variable) as its field */
export function parseConfig(
  args: readonly string[],
  around: Surroundings,
): Result<Invocation<SpeakerConfig>, TonearmError> {
  const source = { args, env: around.env, prefix: 'TONEARM_' };
  return parseFlags(FLAGS, source, (flags) => readConfig(flags, around));
}

function readConfig({ given, isOn }: Flags<keyof typeof FLAGS>, around: Surroundings): SpeakerConfig {
  const crossfadeRange = { least: 0, most: CROSSFADE_SECONDS_MAX };
  return {
    dataFolder: readFolder(given('data'), around, DATA_HOME, 'speaker'),
    name: readName(given('name'), around.hostname.slice(0, NAME_LENGTH_MAX) || NAME_FALLBACK),
    bridgeAddress: readAddress(given('bridge')),
    sink: readSink(given('sink')),
    latency: ms(readWholeNumber(given('latency'), LATENCY_DEFAULT_MS, LATENCY_RANGE_MS)),
    quality: readQuality(given('quality')),
    crossfade: ms(readWholeNumber(given('crossfade'), 0, crossfadeRange) * MS_PER_SECOND),
    loudness: readChoice(given('loudness'), 'track', LOUDNESS_MODES),
    sampleBits: readSampleBits(given('sample-bits')),
    cache: bytes(readWholeNumber(given('cache-mb'), CACHE_DEFAULT_MB, CACHE_RANGE_MB) * BYTES_PER_MB),
    lanPort: readPort(given('lan-port'), 0),
    hasMdns: !isOn('no-mdns'),
    hasFlightRecorder: readSwitch(given('flight-recorder')),
    hook: readProgram(given('hook')),
    buttonsFile: readFile(given('buttons')),
    updateWindow: readWindow(given('update-window')),
    logLevel: readLogLevel(given('log-level')),
    isSoundTest: isOn('test-sound'),
    isSelfTest: isOn('self-test'),
  };
}

/** As it is, where PATH is to find it. */
function readProgram(given: Given | null): string | null {
  if (given === null) return null;
  if (given.text === '') return fail(given, 'must name a program');
  return given.text.includes('/') ? resolve(given.text) : given.text;
}

function readFile(given: Given | null): string | null {
  if (given === null) return null;
  return given.text === '' ? fail(given, 'must name a file') : resolve(given.text);
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

function readWindow(given: Given | null): UpdateWindow | null {
  if (given === null) return null;
  const least = `of at least ${WINDOW_MINUTES_MIN} minutes`;
  return (
    parseUpdateWindow(given.text) ??
    fail(given, `must look like 02:00-05:00, ${least}, not ${JSON.stringify(given.text)}`)
  );
}

function readSampleBits(given: Given | null): SampleBits {
  const word = readChoice(given, '16', SAMPLE_BITS);
  return word === '16' ? 16 : word === '24' ? 24 : 32;
}
