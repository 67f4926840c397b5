/**
 * What a bridge is told at its start: flags, else `TONEARM_BRIDGE_*` of the environment, else defaults. Everything is
 * checked here, and what is wrong is named by the flag or variable it came from.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfiguredEdge } from '#bridge/core/services/playback/edge-book';
import {
  DATA_HOME,
  fail,
  type Given,
  readChoice,
  readFolder,
  readHost,
  readLogLevel,
  readName,
  readPort,
  readSwitch,
  type Surroundings,
} from '#protocol/adapters/flag-values';
import { type Flags, parseFlags } from '#protocol/adapters/flags';
import type { Invocation } from '#protocol/adapters/program';
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';
import { readEdges } from './edge-flags.ts';
import { METRICS_HOST_DEFAULT, type MetricsAddress, readMetricsAddress } from './metrics-flags.ts';
import { MQTT_PORT_DEFAULT, type MqttConfig, readMqtt, readNode } from './mqtt-config.ts';
import { readStore, type StoreConfig } from './store-config.ts';
import { readTls, type TlsConfig } from './tls-flags.ts';

const NAME_DEFAULT = 'Tonearm';
/** Every IPv4 address of the machine. */
const HOST_DEFAULT = '0.0.0.0';
const HOST_NAMES_MAX = 16;

/** `required`: people sign in. `open`: nobody is asked, for simulators and tests. */
const ACCESS_MODES = ['required', 'open'] as const;
export type AccessMode = (typeof ACCESS_MODES)[number];

const DECODERS = ['auto', 'ffmpeg', 'wasm'] as const;
export type DecoderChoice = (typeof DECODERS)[number];

export interface BridgeConfig {
  readonly dataFolder: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly name: string;
  /** Read as soon as the bridge is up; null: only what phones ask for. */
  readonly musicFolder: string | null;
  /** How music files are read; `auto`: by ffmpeg where there is one. */
  readonly decoder: DecoderChoice;
  readonly hasMdns: boolean;
  /** Holds in memory what came in lately, to be written when somebody asks. */
  readonly hasFlightRecorder: boolean;
  /** Music folders are watched, and what changes in them is taken in. */
  readonly hasWatch: boolean;
  /** What browsers may call it besides addresses, localhost and .local names. */
  readonly hostNames: readonly string[];
  /** Where listeners are, ISO 3166-1 alpha-2; null: nobody says, or it is as it was said before. */
  readonly country: string | null;
  /** In order of preference; the bridge itself is the last and not among them. */
  readonly edges: readonly ConfiguredEdge[];
  readonly access: AccessMode;
  /** Null: no TLS. */
  readonly tls: TlsConfig | null;
  /** Prints a link that signs the owner in, also when there is one already: for who has forgotten the password. */
  readonly hasOwnerLink: boolean;
  /** Where music is kept. */
  readonly store: StoreConfig;
  readonly mqtt: MqttConfig;
  readonly metrics: MetricsAddress;
  /** This bridge's name among several of one household; null: it is alone. */
  readonly node: string | null;
  readonly logLevel: LogLevel;
}

export const USAGE = `Usage: tonearm bridge [flags]

A bridge: reads a music library, serves it to speakers, relays what phones ask. Logs JSON lines to stdout.

  --data DIR         where it keeps everything           (TONEARM_BRIDGE_DATA, default ~/.local/share/tonearm/bridge)
  --port N           HTTP and WebSocket, 0 for any       (TONEARM_BRIDGE_PORT, default ${BRIDGE_PORT_DEFAULT})
  --host ADDR        address to listen on                (TONEARM_BRIDGE_HOST, default ${HOST_DEFAULT})
  --name NAME        what people call it                 (TONEARM_BRIDGE_NAME, default ${NAME_DEFAULT})
  --music DIR        folder to read at the start         (TONEARM_BRIDGE_MUSIC)
  --decoder KIND     auto, ffmpeg or wasm                (TONEARM_BRIDGE_DECODER, default auto)
  --host-name NAME   also answers to this name, may be given again  (TONEARM_BRIDGE_HOST_NAME, with commas)
  --country CC       where listeners are, e.g. AT        (TONEARM_BRIDGE_COUNTRY, default none)
  --edge URL[,REGION]  a caching server for music, may be given again  (TONEARM_BRIDGE_EDGE, with commas)
  --store WHERE      folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME  (TONEARM_BRIDGE_STORE, default folder)
  --access MODE      required: people sign in; open: nobody is asked  (TONEARM_BRIDGE_ACCESS, default required)
  --mqtt WHERE       off, embedded, mqtt://HOST:PORT or mqtts://…  (TONEARM_BRIDGE_MQTT, default off)
  --mqtt-port N, --mqtt-host ADDR  where the embedded broker listens  (default ${MQTT_PORT_DEFAULT} on 127.0.0.1)
  --mqtt-accounts FILE  NAME:PASSWORD lines, who may use the embedded broker
  --mqtt-cert FILE, --mqtt-key FILE  PEM files, TLS for the embedded broker
  --node NAME        one of several bridges on the same data, through an MQTT broker of the house  (TONEARM_BRIDGE_NODE)
  --home-assistant PREFIX  on, or the discovery prefix set there  (TONEARM_BRIDGE_HOME_ASSISTANT, default off)
  --metrics-port N, --metrics-host ADDR  figures and health without a token, 0 for any port  (default none, on ${METRICS_HOST_DEFAULT})
  --owner-link       prints a link that signs the owner in  (TONEARM_BRIDGE_OWNER_LINK=1)
  --tls-port N       the same by TLS, 0 for none         (TONEARM_BRIDGE_TLS_PORT, default the port after --port)
  --tls-cert FILE, --tls-key FILE  a certificate of one's own, in PEM  (TONEARM_BRIDGE_TLS_CERT, TONEARM_BRIDGE_TLS_KEY)
  --no-watch         changes in music folders wait for the next ingest  (TONEARM_BRIDGE_NO_WATCH=1)
  --no-mdns          not announced on the network        (TONEARM_BRIDGE_NO_MDNS=1)
  --flight-recorder WHEN  on or off: holds what came in lately, written at SIGUSR2  (TONEARM_BRIDGE_FLIGHT_RECORDER, default off)
  --log-level LEVEL  ${LOG_LEVELS.join(', ')}            (TONEARM_BRIDGE_LOG_LEVEL, default info)
  --help, --version

The keys of an S3 store come from TONEARM_S3_KEY_ID and TONEARM_S3_SECRET; the name and password for an MQTT broker,
or for clients of the embedded one, from TONEARM_MQTT_USER and TONEARM_MQTT_PASSWORD.
Exit codes: 0 ended as asked, 1 failed, 2 a flag or setting is wrong.
`;

const FLAGS = {
  data: 'value',
  port: 'value',
  host: 'value',
  name: 'value',
  music: 'value',
  decoder: 'value',
  'host-name': 'list',
  country: 'value',
  edge: 'list',
  store: 'value',
  mqtt: 'value',
  'mqtt-port': 'value',
  'mqtt-host': 'value',
  'mqtt-accounts': 'value',
  'mqtt-cert': 'value',
  'mqtt-key': 'value',
  'home-assistant': 'value',
  'metrics-port': 'value',
  'metrics-host': 'value',
  node: 'value',
  access: 'value',
  'tls-port': 'value',
  'tls-cert': 'value',
  'tls-key': 'value',
  'owner-link': 'switch',
  'flight-recorder': 'value',
  'no-mdns': 'switch',
  'no-watch': 'switch',
  'log-level': 'value',
} as const;

/** @returns `config.invalid` with the flag (or the variable) as its field */
export function parseConfig(
  args: readonly string[],
  around: Surroundings,
): Result<Invocation<BridgeConfig>, TonearmError> {
  const source = { args, env: around.env, prefix: 'TONEARM_BRIDGE_' };
  return parseFlags(FLAGS, source, (flags) => readConfig(flags, around));
}

function readConfig({ given, isOn }: Flags<keyof typeof FLAGS>, around: Surroundings): BridgeConfig {
  const port = readPort(given('port'), BRIDGE_PORT_DEFAULT);
  return {
    dataFolder: readFolder(given('data'), around, DATA_HOME, 'bridge'),
    port,
    host: readHost(given('host'), HOST_DEFAULT),
    name: readName(given('name'), NAME_DEFAULT),
    musicFolder: readMusicFolder(given('music')),
    decoder: readChoice(given('decoder'), 'auto', DECODERS),
    hasMdns: !isOn('no-mdns'),
    hasFlightRecorder: readRecorder(given('flight-recorder'), given('node')),
    hasWatch: !isOn('no-watch'),
    hostNames: [around.hostname, ...readHostNames(given('host-name'))],
    country: readCountry(given('country')),
    edges: readEdges(given('edge')),
    tls: readTls({ port: given('tls-port'), cert: given('tls-cert'), key: given('tls-key') }, port),
    access: readChoice(given('access'), 'required', ACCESS_MODES),
    hasOwnerLink: isOn('owner-link'),
    store: readStore(given('store'), around.env),
    mqtt: readMqttFlags(given, around.env),
    metrics: readMetricsAddress({ port: given('metrics-port'), host: given('metrics-host') }),
    node: readNode(given('node'), given('mqtt')),
    logLevel: readLogLevel(given('log-level')),
  };
}

function readMqttFlags(
  given: Flags<keyof typeof FLAGS>['given'],
  env: Readonly<Record<string, string | undefined>>,
): MqttConfig {
  const flags = {
    mqtt: given('mqtt'),
    port: given('mqtt-port'),
    host: given('mqtt-host'),
    accounts: given('mqtt-accounts'),
    cert: given('mqtt-cert'),
    key: given('mqtt-key'),
    homeAssistant: given('home-assistant'),
  };
  return readMqtt(flags, env);
}

function readMusicFolder(given: Given | null): string | null {
  if (given === null) return null;
  const folder = resolve(given.text);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return fail(given, `there is no folder ${folder}`);
  return found.isDirectory() ? folder : fail(given, `${folder} is not a folder`);
}

function readHostNames(given: Given | null): readonly string[] {
  if (given === null) return [];
  const names = given.text.split(',').map((name) => name.trim());
  const isName = (name: string) => /^[0-9a-zA-Z._-]{1,255}$/.test(name);
  if (names.length <= HOST_NAMES_MAX && names.every(isName)) return names;
  return fail(given, `must be at most ${HOST_NAMES_MAX} host names without ports`);
}

/** One of several bridges sees a part of what comes in: a replay of that would decide otherwise. */
function readRecorder(given: Given | null, node: Given | null): boolean {
  if (given === null || node === null) return readSwitch(given);
  return readSwitch(given) ? fail(given, 'does not go with --node: record a bridge that is alone') : false;
}

function readCountry(given: Given | null): string | null {
  if (given === null) return null;
  return /^[A-Z]{2}$/.test(given.text) ? given.text : fail(given, 'must be two capital letters (ISO 3166-1), e.g. AT');
}
