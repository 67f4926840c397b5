/**
 * A bridge and a speaker as their users run them, on MQTT: at Mosquitto, where anybody may publish anything, and at the
 * broker of the bridge's own. The house is commanded and watched by a client like any other.
 */
import { connect as dialTcp } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { busAnswerSchema, busSpeakerStateSchema } from '#protocol/wire/bus';
import { busTopics } from '#protocol/wire/bus-topics';
import { freePort } from '#sim/processes/free-port';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { MosquittoProcess, missingForMosquitto } from '#sim/processes/mosquitto-process';
import { deviceDiscoverySchema } from '#sim/relay/home-assistant-double';

const PATIENCE = { timeout: 20_000, interval: 20 };
const missing = missingForMosquitto();
if (missing !== null) console.warn(`real-bus runs without Mosquitto: ${missing}`);

/** A client, and the last thing that it heard on each topic. */
class Listener {
  readonly client: MqttClient;
  readonly heard = new Map<string, string>();
  readonly all: string[] = [];

  constructor(port: number, options: IClientOptions = {}) {
    this.client = mqtt.connect({ host: '127.0.0.1', port, reconnectPeriod: 100, ...options });
    this.client.on('error', () => undefined);
    this.client.on('message', (topic, payload) => {
      this.heard.set(topic, payload.toString());
      this.all.push(topic);
    });
  }

  async until<Value>(what: string, read: () => Value | undefined): Promise<Value> {
    return vi.waitFor(() => {
      const value = read();
      if (value === undefined) throw new Error(`no ${what} yet: ${[...this.heard.keys()].join(' ')}`);
      return value;
    }, PATIENCE);
  }
}

/** What is so at any broker. */
function sameEverywhere(room: () => { listener: Listener; house: string; kitchen: RunningSpeaker }): void {
  const at = () => busTopics(room().house).speaker(room().kitchen.id);
  const state = () => busSpeakerStateSchema.safeParse(JSON.parse(room().listener.heard.get(at().state) ?? 'null')).data;

  it('tells who is there, and Home Assistant of it', async () => {
    const { listener, kitchen, house } = room();
    await listener.until('speaker', () => (state()?.volume == null ? undefined : true));
    expect(state()).toMatchObject({ name: 'Kitchen', playback: 'stopped' });
    expect(listener.heard.get(busTopics(house).availability)).toBe('online');
    expect(listener.heard.get(at().availability)).toBe('online');
    const announced = listener.heard.get(`homeassistant/device/tonearm_${kitchen.id}/config`);
    expect(deviceDiscoverySchema.parse(JSON.parse(announced ?? 'null')).dev.name).toBe('Kitchen');
  });

  it('does what is asked once, however often it comes, and answers', async () => {
    const { listener, house } = room();
    const answer = busTopics(house).answer('evening-1');
    const command = JSON.stringify({ id: 'evening-1', value: 33 });
    await listener.client.publishAsync(at().command('volume'), command, { qos: 1 });
    await listener.until('volume', () => (state()?.volume === 33 ? true : undefined));
    const told = await listener.until('answer', () => listener.heard.get(answer));
    expect(busAnswerSchema.parse(JSON.parse(told))).toEqual({ id: 'evening-1', outcome: { kind: 'accepted' } });
    await listener.client.publishAsync(at().command('volume'), '44', { qos: 0 });
    await listener.until('volume', () => (state()?.volume === 44 ? true : undefined));
    const answers = () => listener.all.filter((topic) => topic === answer).length;
    const before = answers();
    await listener.client.publishAsync(at().command('volume'), command, { qos: 1 });
    await listener.until('second answer', () => (answers() > before ? true : undefined));
    expect(state()?.volume).toBe(44);
  });
}

describe.runIf(missing === null)('a house at Mosquitto', { timeout: 60_000 }, () => {
  let broker: MosquittoProcess;
  let processes: HouseholdProcesses;
  let kitchen: RunningSpeaker;
  let listener: Listener;
  let house = '';

  beforeAll(async () => {
    broker = await MosquittoProcess.start();
    listener = new Listener(broker.port);
    await listener.client.subscribeAsync(['tonearm/#', 'homeassistant/#']);
    processes = await HouseholdProcesses.create();
    await processes.startBridge({ args: ['--mqtt', broker.url, '--home-assistant', 'on'] });
    kitchen = await processes.startSpeaker({ name: 'Kitchen' });
    house = await listener.until('house', () => /^tonearm\/([^/]+)\/availability$/m.exec(listener.all.join('\n'))?.[1]);
  }, 60_000);
  afterAll(async () => {
    listener?.client.end(true);
    await processes?.stop();
    await broker?.stop();
  });

  sameEverywhere(() => ({ listener, house, kitchen }));

  it('is found unavailable when it is killed, and does nothing that was left for it', async () => {
    const topics = busTopics(house);
    const own = topics.speaker(kitchen.id);
    processes.bridge.kill('SIGKILL');
    await listener.until('last will', () => (listener.heard.get(topics.availability) === 'offline' ? true : undefined));
    const poison = { qos: 1, retain: true } as const;
    await listener.client.publishAsync(own.command('volume'), JSON.stringify({ id: 'poison-1', value: 99 }), poison);
    await listener.client.publishAsync(own.state, 'poison', poison);
    await processes.startBridge({ args: ['--mqtt', broker.url, '--home-assistant', 'on'] });
    await processes.bridge.waitForEvent('bus.retained-command-refused', 20_000);
    await listener.until('house', () => (listener.heard.get(topics.availability) === 'online' ? true : undefined));
    const state = await listener.until('speaker', () => {
      const text = listener.heard.get(own.state);
      const parsed =
        text === undefined || text === 'poison' ? undefined : busSpeakerStateSchema.parse(JSON.parse(text));
      return parsed?.volume == null ? undefined : parsed;
    });
    expect(state.volume).toBe(44);
    expect(listener.heard.get(own.command('volume'))).toBe('');
    expect(listener.heard.has(topics.answer('poison-1'))).toBe(false);
  });
});

describe('a house at its own broker', { timeout: 60_000 }, () => {
  const env = { TONEARM_MQTT_USER: 'hass', TONEARM_MQTT_PASSWORD: 'correct-horse' };
  const login = { username: 'hass', password: 'correct-horse' };
  let processes: HouseholdProcesses;
  let kitchen: RunningSpeaker;
  let listener: Listener;
  let port = 0;
  let house = '';

  beforeAll(async () => {
    port = await freePort();
    processes = await HouseholdProcesses.create();
    const args = ['--mqtt', 'embedded', '--mqtt-port', String(port), '--home-assistant', 'on'];
    await processes.startBridge({ args, env });
    listener = new Listener(port, { ...login, clientId: 'hass-main' });
    await listener.client.subscribeAsync(['tonearm/#', 'homeassistant/#']);
    kitchen = await processes.startSpeaker({ name: 'Kitchen' });
    house = await listener.until('house', () => /^tonearm\/([^/]+)\/availability$/m.exec(listener.all.join('\n'))?.[1]);
  }, 60_000);
  afterAll(async () => {
    listener?.client.end(true);
    await processes?.stop();
  });

  sameEverywhere(() => ({ listener, house, kitchen }));

  it('lets nobody else in, and stays up whatever comes', async () => {
    const stranger = mqtt.connect({ host: '127.0.0.1', port, reconnectPeriod: 0, clientId: 'hass-main' });
    const why = await new Promise<string>((resolve) => stranger.once('error', (error) => resolve(error.message)));
    expect(why).toMatch(/not authorized/i);
    stranger.end(true);
    const rude = dialTcp(port, '127.0.0.1').on('error', () => undefined);
    rude.write(Uint8Array.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await new Promise((resolve) => rude.resume().once('close', resolve));
    expect(listener.client.connected).toBe(true);
    expect(processes.bridge.output()).not.toContain(login.password);
  });

  it('says at /metrics what came and went', async () => {
    const text = String((await processes.phone().call('GET', '/metrics')).body);
    expect(text).toMatch(/tonearm_mqtt_messages_total\{direction="in"\} [1-9]/);
    expect(text).toMatch(/tonearm_mqtt_messages_total\{direction="out"\} [1-9]/);
    expect(text).toMatch(/tonearm_mqtt_connections 1/);
  });
});
