/**
 * What an edge is told at its start: flags, else `TONEARM_EDGE_*` of the environment, else defaults. Everything is checked
 * here, and what is wrong is named by the flag or variable it came from.
 */
import { readFileSync } from 'node:fs';
import {
  CACHE_HOME,
  fail,
  type Given,
  readFolder,
  readHost,
  readLogLevel,
  readPort,
  type Surroundings,
} from '#protocol/adapters/flag-values';
import { type Flags, parseFlags } from '#protocol/adapters/flags';
import type { Invocation } from '#protocol/adapters/program';
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

/** Beside the bridge's own. */
export const EDGE_PORT_DEFAULT = 4748;
const HOST_DEFAULT = '0.0.0.0';
const SIZE_DEFAULT = '2G';
const MEMORY_DEFAULT = '256M';
const NAME = /^[0-9a-zA-Z._-]{1,64}$/;
const SIZE = /^(\d{1,12})([KMGT]?)$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };
/** Room for 48 slices, and for heads beside them; below this a cache is none. */
const SIZE_MIN = 16 * 1024 ** 2;
/** Part of disk and of memory that is for heads: some 20,000 of them in 2 GiB. */
const HEADS_PART = 1 / 8;

export interface EdgeConfig {
  /** Without a path and without a slash at its end. */
  readonly origin: string;
  readonly cacheFolder: string;
  readonly sizes: {
    readonly diskSlices: Bytes;
    readonly diskHeads: Bytes;
    readonly memorySlices: Bytes;
    readonly memoryHeads: Bytes;
  };
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly name: string;
  readonly region: string | null;
  readonly logLevel: LogLevel;
}

export const EDGE_USAGE = `Usage: tonearm edge --origin URL [flags]

A caching server for music between a bridge (or another edge) and its speakers. Logs JSON lines to stdout.

  --origin URL       where files come from               (TONEARM_EDGE_ORIGIN)
  --cache DIR        where it keeps them                 (TONEARM_EDGE_CACHE, default ~/.cache/tonearm/edge)
  --size SIZE        on disk at most, e.g. 500M, 2G      (TONEARM_EDGE_SIZE, default ${SIZE_DEFAULT})
  --memory SIZE      in memory at most                   (TONEARM_EDGE_MEMORY, default ${MEMORY_DEFAULT})
  --port N           HTTP, 0 for any                     (TONEARM_EDGE_PORT, default ${EDGE_PORT_DEFAULT})
  --host ADDR        address to listen on                (TONEARM_EDGE_HOST, default ${HOST_DEFAULT})
  --tls-cert FILE    PEM; with --tls-key it is HTTPS     (TONEARM_EDGE_TLS_CERT)
  --tls-key FILE     PEM                                 (TONEARM_EDGE_TLS_KEY)
  --name NAME        how it calls itself                 (TONEARM_EDGE_NAME, default the machine's name)
  --region REGION    where it says it is                 (TONEARM_EDGE_REGION)
  --log-level LEVEL  ${LOG_LEVELS.join(', ')}            (TONEARM_EDGE_LOG_LEVEL, default info)
  --help, --version

Exit codes: 0 ended as asked, 1 failed, 2 a flag or setting is wrong.
`;

const FLAGS = {
  origin: 'value',
  cache: 'value',
  size: 'value',
  memory: 'value',
  port: 'value',
  host: 'value',
  'tls-cert': 'value',
  'tls-key': 'value',
  name: 'value',
  region: 'value',
  'log-level': 'value',
} as const;

/** @returns `config.invalid` with the flag (or the variable) as its field */
export function parseEdgeConfig(
  args: readonly string[],
  around: Surroundings,
): Result<Invocation<EdgeConfig>, TonearmError> {
  const source = { args, env: around.env, prefix: 'TONEARM_EDGE_' };
  return parseFlags(FLAGS, source, (flags) => readConfig(flags, around));
}

function readConfig({ given }: Flags<keyof typeof FLAGS>, around: Surroundings): EdgeConfig {
  const disk = readSize(given('size') ?? { text: SIZE_DEFAULT, from: '--size' });
  const memory = readSize(given('memory') ?? { text: MEMORY_DEFAULT, from: '--memory' });
  const headsOf = (whole: number) => Math.floor(whole * HEADS_PART);
  const region = given('region');
  return {
    origin: readOrigin(given('origin')),
    cacheFolder: readFolder(given('cache'), around, CACHE_HOME, 'edge'),
    sizes: {
      diskSlices: bytes(disk - headsOf(disk)),
      diskHeads: bytes(headsOf(disk)),
      memorySlices: bytes(memory - headsOf(memory)),
      memoryHeads: bytes(headsOf(memory)),
    },
    port: readPort(given('port'), EDGE_PORT_DEFAULT),
    host: readHost(given('host'), HOST_DEFAULT),
    tls: readTls(given('tls-cert'), given('tls-key')),
    name: readPlainName(given('name')) ?? (NAME.test(around.hostname) ? around.hostname : 'edge'),
    region: readPlainName(region),
    logLevel: readLogLevel(given('log-level')),
  };
}

function readOrigin(given: Given | null): string {
  if (given === null) return fail({ text: '', from: '--origin' }, 'must say where files come from; see --help');
  const url = URL.parse(given.text);
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url !== null && isPlain && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  return fail(given, `must be http://HOST:PORT or https://HOST:PORT, not ${JSON.stringify(given.text)}`);
}

function readSize(given: Given): number {
  const match = SIZE.exec(given.text);
  const size = Number(match?.[1] ?? Number.NaN) * (SIZE_UNITS[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN);
  if (size >= SIZE_MIN && Number.isSafeInteger(size)) return size;
  return fail(given, `must be a size of at least 16M, such as 500M or 2G, not ${JSON.stringify(given.text)}`);
}

function readTls(cert: Given | null, key: Given | null): EdgeConfig['tls'] {
  if (cert === null && key === null) return null;
  if (cert === null) return fail({ text: '', from: '--tls-cert' }, 'must be given when --tls-key is');
  if (key === null) return fail({ text: '', from: '--tls-key' }, 'must be given when --tls-cert is');
  return { cert: readPem(cert), key: readPem(key) };
}

function readPem(given: Given): string {
  try {
    return readFileSync(given.text, 'utf8');
  } catch {
    return fail(given, `there is no readable file ${given.text}`);
  }
}

function readPlainName(given: Given | null): string | null {
  if (given === null || NAME.test(given.text)) return given?.text ?? null;
  return fail(given, 'must have 1 to 64 letters, digits, dots, dashes or underscores');
}
