/**
 * Whether and where the house speaks MQTT. Names and passwords come from the environment or from a file that its owner
 * alone can read, so that they are in no process list and no shell history.
 */
import { readFileSync, statSync } from 'node:fs';
import type { BrokerAccount } from '#bridge/adapters/mqtt/embedded-broker';
import { fail, type Given, readHost, readPort } from '#protocol/adapters/flag-values';
import { TonearmError } from '#protocol/vocabulary/errors';

/** MQTT's own, by the registry of IANA. */
export const MQTT_PORT_DEFAULT = 1_883;

const USER = 'TONEARM_MQTT_USER';
const PASSWORD = 'TONEARM_MQTT_PASSWORD';
const HOST_DEFAULT = '127.0.0.1';
const ACCOUNTS_MAX = 64;
const ACCOUNTS_BYTES_MAX = 16_384;
/** Bits of a mode by which others than the owner may do anything. */
const OTHERS_MODE = 0o077;
/** A first topic level: no wildcards, and nothing that would have to be quoted. */
const PREFIX = /^[0-9A-Za-z_-]{1,64}$/;
const NODE = /^[0-9A-Za-z-]{1,32}$/;
const PREFIX_DEFAULT = 'homeassistant';
const ACCOUNT = /^([0-9A-Za-z_.@-]{1,64}):([\x20-\x7e]{8,128})$/;

/** Off; a broker of our own; or one that is there. `homeAssistant`: the prefix of its discovery topics, or null. */
export type MqttConfig =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'embedded';
      readonly host: string;
      readonly port: number;
      readonly tls: { readonly cert: string; readonly key: string } | null;
      readonly accounts: readonly BrokerAccount[];
      readonly homeAssistant: string | null;
    }
  | {
      readonly kind: 'external';
      readonly broker: URL;
      readonly credentials: { readonly username: string; readonly password: string } | null;
      readonly homeAssistant: string | null;
    };

/** As they were given. */
export interface MqttFlags {
  readonly mqtt: Given | null;
  readonly port: Given | null;
  readonly host: Given | null;
  readonly accounts: Given | null;
  readonly cert: Given | null;
  readonly key: Given | null;
  readonly homeAssistant: Given | null;
}

/** @throws TonearmError `config.invalid`, naming the flag or variable */
export function readMqtt(flags: MqttFlags, env: Readonly<Record<string, string | undefined>>): MqttConfig {
  const { mqtt } = flags;
  if (mqtt === null || mqtt.text === 'off') {
    const needless = Object.values(flags).find((given: Given | null) => given !== null && given !== mqtt);
    return needless === undefined ? { kind: 'off' } : fail(needless, 'means nothing without --mqtt');
  }
  const homeAssistant = readPrefix(flags.homeAssistant);
  const login = readLogin(env);
  if (mqtt.text !== 'embedded') {
    return { kind: 'external', broker: readBroker(mqtt), credentials: login, homeAssistant };
  }
  const own = login === null ? [] : [{ name: login.username, password: login.password }];
  return {
    kind: 'embedded',
    host: readHost(flags.host, HOST_DEFAULT),
    port: readPort(flags.port, MQTT_PORT_DEFAULT),
    tls: readTls(flags.cert, flags.key),
    accounts: [...own, ...(flags.accounts === null ? [] : readAccounts(flags.accounts))],
    homeAssistant,
  };
}

/** Nodes speak through a broker that they all reach, so that of one of them is none. */
export function readNode(given: Given | null, mqtt: Given | null): string | null {
  if (given === null) return null;
  if (!NODE.test(given.text)) return fail(given, 'must be 1 to 32 letters, digits and dashes');
  const isShared = mqtt !== null && mqtt.text !== 'off' && mqtt.text !== 'embedded';
  return isShared ? given.text : fail(given, 'needs --mqtt mqtt://HOST:PORT, a broker that every node reaches');
}

/** `on`: under the name that Home Assistant has by default. */
function readPrefix(given: Given | null): string | null {
  if (given === null || given.text === 'off') return null;
  if (given.text === 'on') return PREFIX_DEFAULT;
  return PREFIX.test(given.text) ? given.text : fail(given, 'must be on, off, or the discovery prefix set there');
}

function readBroker(given: Given): URL {
  const url = URL.canParse(given.text) ? new URL(given.text) : null;
  if (url === null || (url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:') || url.hostname === '') {
    return fail(given, 'must be off, embedded, mqtt://HOST:PORT or mqtts://HOST:PORT');
  }
  // The value is not shown: somebody may have written a password into it.
  if (url.username !== '' || url.password !== '') return fail(given, `must hold no name or password; set ${USER}`);
  return url;
}

function readLogin(env: Readonly<Record<string, string | undefined>>): { username: string; password: string } | null {
  const { [USER]: username, [PASSWORD]: password } = env;
  if (username === undefined && password === undefined) return null;
  const isWhole = username !== undefined && password !== undefined && ACCOUNT.test(`${username}:${password}`);
  if (isWhole) return { username, password };
  const rule = 'letters, digits and "_.@-", and a password of 8 to 128 printable characters';
  throw new TonearmError('config.invalid', `${USER} and ${PASSWORD} must be set together: ${rule}`, { field: USER });
}

function readAccounts(given: Given): readonly BrokerAccount[] {
  const lines = readOwnFile(given).split('\n');
  const told = lines.map((text, place) => ({ text: text.trim(), line: place + 1 }));
  const accounts = told.filter(({ text }) => text !== '' && !text.startsWith('#'));
  if (accounts.length > ACCOUNTS_MAX) return fail(given, `must name at most ${ACCOUNTS_MAX} accounts`);
  return accounts.map(({ text, line }) => {
    const [, name, password] = ACCOUNT.exec(text) ?? [];
    if (name !== undefined && password !== undefined) return { name, password };
    return fail(given, `line ${line} must be NAME:PASSWORD, the password of 8 to 128 printable characters`);
  });
}

function readOwnFile(given: Given): string {
  const found = statSync(given.text, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > ACCOUNTS_BYTES_MAX) {
    return fail(given, `must name a file of at most ${ACCOUNTS_BYTES_MAX} bytes`);
  }
  if ((found.mode & OTHERS_MODE) !== 0)
    return fail(given, 'must name a file that its owner alone can read (chmod 600)');
  return readFileSync(given.text, 'utf8');
}

function readTls(cert: Given | null, key: Given | null): { readonly cert: string; readonly key: string } | null {
  if (cert === null && key === null) return null;
  const given = cert ?? key;
  if (cert === null || key === null) return given === null ? null : fail(given, 'needs both, certificate and key');
  return { cert: readPem(cert), key: readPem(key) };
}

function readPem(given: Given): string {
  try {
    return readFileSync(given.text, 'utf8');
  } catch {
    return fail(given, 'must name a PEM file that can be read');
  }
}
