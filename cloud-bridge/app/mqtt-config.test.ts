import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Given } from '#protocol/adapters/flag-values';
import { type MqttFlags, readMqtt } from './mqtt-config.ts';

const NONE: MqttFlags = {
  mqtt: null,
  port: null,
  host: null,
  accounts: null,
  cert: null,
  key: null,
  homeAssistant: null,
};
const given = (text: string, from: string): Given => ({ text, from });
const embedded = given('embedded', '--mqtt');
const external = (text: string) => ({ ...NONE, mqtt: given(text, '--mqtt') });
const login = { TONEARM_MQTT_USER: 'house', TONEARM_MQTT_PASSWORD: 'correct horse' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-mqtt-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function accountsFile(text: string, mode: number): Given {
  const path = join(folder, 'accounts');
  writeFileSync(path, text, { mode });
  return given(path, '--mqtt-accounts');
}

describe('MQTT', () => {
  it('is off unless it is asked for', () => {
    expect(readMqtt(NONE, {})).toEqual({ kind: 'off' });
    expect(readMqtt(external('off'), login)).toEqual({ kind: 'off' });
  });

  it('is a broker of our own on loopback, with accounts from the environment and a file', () => {
    const accounts = accountsFile('# who may\n\nhall:a-pass:word\n', 0o600);
    const homeAssistant = given('on', '--home-assistant');
    expect(readMqtt({ ...NONE, mqtt: embedded, accounts, homeAssistant }, login)).toEqual({
      kind: 'embedded',
      host: '127.0.0.1',
      port: 1883,
      tls: null,
      accounts: [
        { name: 'house', password: 'correct horse' },
        { name: 'hall', password: 'a-pass:word' },
      ],
      homeAssistant: 'homeassistant',
    });
  });

  it('is a broker elsewhere, with the name and password of the environment', () => {
    expect(readMqtt(external('mqtts://broker.local:8883'), login)).toEqual({
      kind: 'external',
      broker: new URL('mqtts://broker.local:8883'),
      credentials: { username: 'house', password: 'correct horse' },
      homeAssistant: null,
    });
  });

  it.each([
    ['a word that is none', external('yes'), {}, '--mqtt'],
    ['a broker by another protocol', external('http://broker'), {}, '--mqtt'],
    ['a password in the address', external('mqtt://me:secret-word@broker'), {}, '--mqtt'],
    ['a name without a password', { ...NONE, mqtt: embedded }, { TONEARM_MQTT_USER: 'me' }, 'TONEARM_MQTT_USER'],
    ['a flag that means nothing', { ...NONE, host: given('::', '--mqtt-host') }, {}, '--mqtt-host'],
    ['half a certificate', { ...NONE, mqtt: embedded, cert: given('x', '--mqtt-cert') }, {}, '--mqtt-cert'],
    [
      'a prefix of several levels',
      { ...NONE, mqtt: embedded, homeAssistant: given('a/b', '--home-assistant') },
      {},
      '--home-assistant',
    ],
  ])('refuses %s, and shows no secret', (_, flags, env, field) => {
    const read = () => readMqtt(flags, env);
    expect(read).toThrow(expect.objectContaining({ code: 'config.invalid', field }));
    expect(read).not.toThrow(/secret-word/);
  });

  it('refuses a file of accounts that others can read, and lines that are none', () => {
    const readable = accountsFile('hall:password\n', 0o644);
    expect(() => readMqtt({ ...NONE, mqtt: embedded, accounts: readable }, {})).toThrow(/its owner alone/);
    rmSync(readable.text);
    const broken = accountsFile('hall:password\nhall\n', 0o600);
    expect(() => readMqtt({ ...NONE, mqtt: embedded, accounts: broken }, {})).toThrow(/line 2/);
  });
});
