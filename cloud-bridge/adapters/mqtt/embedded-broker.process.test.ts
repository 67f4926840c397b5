/** The embedded broker against real clients: those that may, and those that would like to. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as dialTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBusRules } from '#bridge/core/perimeter/bus-rules';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { silentLogger } from '#protocol/kit/silent-logger';
import { busTopics } from '#protocol/wire/bus-topics';
import { makeTestCertificate } from '#sim/edge/test-certificate';
import { type EmbeddedBroker, OWN_CLIENT_PREFIX, openEmbeddedBroker } from './embedded-broker.ts';
import { BROKER_FAILURES_MAX, BROKER_PACKET_BYTES_MAX, BROKER_PACKETS_BURST } from './mqtt-limits.ts';

const HOUSE = 'house-of-somebody';
const topics = busTopics(HOUSE);
const kitchen = topics.speaker('kitchen-speaker');
const ACCOUNTS = [
  { name: 'hass', password: 'correct-horse' },
  { name: 'hall', password: 'battery-staple' },
];

let broker: EmbeddedBroker;
let log: string[] = [];
const clients: MqttClient[] = [];
beforeEach(async () => {
  log = [];
  const clock = createSystemClock();
  const logger = createJsonLogger((line) => log.push(line), clock, 'info');
  const ports = { clock, logger, rules: createBusRules(HOUSE, 'homeassistant') };
  broker = await openEmbeddedBroker(ports, { host: '127.0.0.1', port: 0, tls: null, accounts: ACCOUNTS });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await broker.close();
});

/** Resolves with the packet of a connect, or null. */
function next(
  client: MqttClient,
  event: 'connect' | 'close' | 'message',
): Promise<{ sessionPresent?: boolean } | null> {
  return new Promise((resolve) => {
    if (event === 'connect') client.once(event, resolve);
    else client.once(event, () => resolve(null));
  });
}

function dial(options: IClientOptions = {}): MqttClient {
  const login = { username: 'hass', password: 'correct-horse' };
  const client = mqtt.connect({ host: '127.0.0.1', port: broker.port, reconnectPeriod: 0, ...login, ...options });
  clients.push(client);
  // What is refused is seen by the connection's end.
  client.on('error', () => undefined);
  return client;
}

async function connected(options: IClientOptions = {}): Promise<MqttClient> {
  const client = dial(options);
  await next(client, 'connect');
  return client;
}

/** Resolves when it was not let in, or thrown out. */
async function ended(client: MqttClient): Promise<void> {
  if (client.stream.destroyed) return;
  await next(client, 'close');
}

/** The bridge's own connection, with all that it has heard. */
async function bridge(filter = '#'): Promise<{ client: MqttClient; heard: string[] }> {
  const client = new mqtt.MqttClient(() => broker.dial(), { clientId: `${OWN_CLIENT_PREFIX}test`, reconnectPeriod: 0 });
  clients.push(client);
  await next(client, 'connect');
  const heard: string[] = [];
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  await client.subscribeAsync(filter);
  return { client, heard };
}

/** What a listener has heard once a message that comes after all others has come. */
async function settled(listener: { client: MqttClient; heard: string[] }): Promise<readonly string[]> {
  const mark = next(listener.client, 'message');
  listener.client.publish('mark', '');
  await mark;
  return listener.heard.filter((line) => !line.startsWith('mark'));
}

describe('the embedded broker', () => {
  it('lets accounts in, who hear the house and command it', async () => {
    const { client: own, heard } = await bridge(topics.commandFilters[0]);
    own.publish(kitchen.state, 'playing', { retain: true });
    const client = await connected();
    const states: string[] = [];
    client.on('message', (_, payload) => states.push(payload.toString()));
    const message = next(client, 'message');
    await client.subscribeAsync('tonearm/#');
    await message;
    expect(states).toEqual(['playing']);
    const command = next(own, 'message');
    await client.publishAsync(kitchen.command('pause'), 'PRESS', { qos: 1 });
    await command;
    expect(heard).toEqual([`${kitchen.command('pause')} PRESS`]);
  });

  it.each([
    ['nobody', { username: undefined, password: undefined }],
    ['a wrong password', { password: 'correct-cow' }],
    ['another’s password', { password: 'battery-staple' }],
    ['an unknown name', { username: 'mallory' }],
    ['the bridge’s own client id', { clientId: `${OWN_CLIENT_PREFIX}test` }],
    ['a client id without end', { clientId: 'x'.repeat(1_000) }],
    ['a newer protocol', { protocolVersion: 5 }],
    [
      'a will for a speaker’s state',
      { will: { topic: kitchen.state, payload: Buffer.from('x'), qos: 0, retain: true } },
    ],
    [
      'a command that would be kept, as its will',
      { will: { topic: kitchen.command('next'), payload: Buffer.from('x'), qos: 0, retain: true } },
    ],
  ] as const)('does not let in %s', async (_, options) => {
    const client = dial(options as IClientOptions);
    let wasLetIn = false;
    client.once('connect', () => {
      wasLetIn = true;
    });
    await ended(client);
    expect(wasLetIn).toBe(false);
    expect(log.join('\n')).not.toMatch(/correct|battery/);
  });

  it('does not look at the password of who has failed too often', async () => {
    for (let n = 0; n < BROKER_FAILURES_MAX; n += 1) await ended(dial({ password: 'guess' }));
    const right = dial();
    let wasLetIn = false;
    right.once('connect', () => {
      wasLetIn = true;
    });
    await ended(right);
    expect(wasLetIn).toBe(false);
  });

  it.each([
    ['a speaker’s state', kitchen.state, false],
    ['a command that is kept', kitchen.command('next'), true],
    ['another house', 'tonearm/another-house/session/command/next', false],
    ['an announcement', 'homeassistant/device/x/config', true],
    ['the broker’s own topics', '$SYS/anything', false],
  ])('throws out who publishes %s, and tells nobody', async (_, topic, retain) => {
    const listener = await bridge();
    const client = await connected();
    client.publish(topic, 'poison', { qos: 1, retain });
    await ended(client);
    expect((await settled(listener)).filter((line) => line.includes('poison'))).toEqual([]);
  });

  it('does not let anybody listen to more than the house', async () => {
    const client = await connected();
    const granted = await Promise.all(
      ['#', '+/+/speakers/#', '$SYS/#', 'tonearm/#'].map(async (filter) => {
        const [grant] = await client.subscribeAsync(filter).catch(() => []);
        return grant?.qos ?? 128;
      }),
    );
    expect(granted).toEqual([128, 128, 128, 0]);
  });

  it('does not let one account take over another’s client, and lets it take over its own', async () => {
    const first = await connected({ clientId: 'shared-id' });
    const thief = dial({ clientId: 'shared-id', username: 'hall', password: 'battery-staple' });
    await ended(thief);
    expect(first.connected).toBe(true);
    const again = connected({ clientId: 'shared-id' });
    await ended(first);
    expect((await again).connected).toBe(true);
    const { client: own } = await bridge();
    await ended(dial({ clientId: `${OWN_CLIENT_PREFIX}test` }));
    expect(own.connected).toBe(true);
  });

  it('speaks TLS with who trusts its certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-broker-tls-'));
    try {
      const { certPath, keyPath } = await makeTestCertificate(folder);
      const [cert, key] = [readFileSync(certPath, 'utf8'), readFileSync(keyPath, 'utf8')];
      const ports = { clock: createSystemClock(), logger: silentLogger, rules: createBusRules(HOUSE, null) };
      const secret = await openEmbeddedBroker(ports, {
        host: '127.0.0.1',
        port: 0,
        tls: { cert, key },
        accounts: ACCOUNTS,
      });
      const at = { protocol: 'mqtts', port: secret.port, host: 'localhost' } as const;
      expect((await connected({ ...at, ca: cert })).connected).toBe(true);
      const doubting = dial(at);
      const [error] = await new Promise<[Error]>((resolve) => doubting.once('error', (it) => resolve([it])));
      expect(error.message).toMatch(/self-signed/);
      await ended(dial({ port: secret.port }));
      for (const client of clients.splice(0)) client.end(true);
      await secret.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('keeps nothing for who is away, whatever it asks for', async () => {
    const options = { clientId: 'sleeper', clean: false };
    const first = await connected(options);
    await first.subscribeAsync('tonearm/#', { qos: 1 });
    first.end(true);
    const { client: own } = await bridge();
    await own.publishAsync(kitchen.state, 'while away', { qos: 1 });
    const second = dial(options);
    const packet = await next(second, 'connect');
    expect(packet?.sessionPresent).toBe(false);
  });

  it('cuts who announces a packet that is too large, floods it, or never says who it is', async () => {
    const socket = dialTcp(broker.port, '127.0.0.1');
    socket.on('error', () => undefined);
    // CONNECT, and 200 MB to come.
    socket.write(Uint8Array.from([0x10, 0xff, 0xff, 0xff, 0x5f]));
    await once(socket.resume(), 'close');
    const large = await connected();
    large.publish(kitchen.command('media'), 'x'.repeat(BROKER_PACKET_BYTES_MAX));
    await ended(large);
    const flooding = await connected();
    for (let n = 0; n < BROKER_PACKETS_BURST + 500; n += 1) flooding.publish(kitchen.command('pause'), 'x');
    await ended(flooding);
    const verdicts = log.filter((line) => line.includes('client-cut')).map((line) => JSON.parse(line).verdict);
    expect(verdicts).toEqual(['too-large', 'too-large', 'too-many']);
    expect((await connected()).connected).toBe(true);
  }, 15_000);
});
