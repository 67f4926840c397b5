/** The script that reads what owners write on the boot partition, really run: what services get of it, and what is named as wrong. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = path.join(import.meta.dirname, 'root/usr/lib/tonearm-image/read-settings');
const WIFI = 'wpa_supplicant.conf';
const hexOf = (text: string) => Buffer.from(text).toString('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tonearm-settings-'));
  mkdirSync(path.join(folder, 'boot'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns what it said of these files */
function read(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, 'boot', name), text);
  const places = ['boot', 'run', 'host-name', 'home'].map((name) => path.join(folder, name));
  const env = { ...process.env, TONEARM_KERNEL_NAME: path.join(folder, 'kernel-name') };
  const { status, stderr, stdout } = spawnSync('sh', [SCRIPT, ...places], { encoding: 'utf8', env });
  expect([status, stdout]).toEqual([0, '']);
  return stderr;
}
const made = (name: string) => readFileSync(path.join(folder, 'run', name), 'utf8');
const isMade = (name: string) => existsSync(path.join(folder, 'run', name));

describe('wifi.txt', () => {
  it('is taken from any editor, with names and passwords of any signs', () => {
    const said = read({
      'wifi.txt':
        '\uFEFF# ours\r\n network = Zu "Haus" #1 ü \r\npassword=a"b\\nc$(d)`e`=#f\r\ncountry=DE\r\nhidden=yes',
    });
    expect(said).toBe('');
    expect(
      made(WIFI)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'country=DE',
      'network={',
      `ssid=${hexOf('Zu "Haus" #1 ü')}`,
      'scan_ssid=1',
      'key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE',
      'ieee80211w=1',
      'psk="a"b\\nc$(d)`e`=#f"',
      '}',
      '',
    ]);
    expect(statSync(path.join(folder, 'run', WIFI)).mode & 0o777).toBe(0o600);
  });

  it('may have a key instead of a password, or none', () => {
    read({ 'wifi.txt': `network=a\npassword=${'0aF9'.repeat(16)}\n` });
    expect(made(WIFI)).toContain(`  psk=${'0aF9'.repeat(16)}\n`);
    read({ 'wifi.txt': 'network=a\n' });
    expect(made(WIFI)).toContain('key_mgmt=NONE');
  });

  it.each([
    ['network=a\npasword=12345678', 2, 'only network, password'],
    ['network=a\npassword=short', 2, '8 to 63'],
    [`network=a\npassword=${'x'.repeat(64)}`, 2, '8 to 63'],
    ['network=a\npassword=pässword', 2, '8 to 63'],
    [`network=${'ü'.repeat(17)}`, 1, '1 to 32 bytes'],
    ['network=a\nnetwork=b', 2, '"network" for the second time'],
    ['network=a\ncountry=de', 2, 'two capital letters'],
    ['network=a\n\nhidden=1', 3, 'yes or no'],
    ['network=a\nWPA2', 2, 'not NAME=VALUE'],
  ])('is refused by its line, and not used: %s', (text, line, words) => {
    const said = read({ 'wifi.txt': text });
    expect(said).toContain(`wifi.txt, line ${line}: `);
    expect(said).toContain(words);
    expect(said).toContain('no Wi-Fi until that is right');
    expect(isMade(WIFI)).toBe(false);
  });

  it('never has its password said', () => {
    expect(read({ 'wifi.txt': 'network=a\npassword=secret\npassword=secret\n' })).not.toContain('secret');
  });

  it('is no longer used once it is taken away', () => {
    read({ 'wifi.txt': 'network=a\n' });
    rmSync(path.join(folder, 'boot/wifi.txt'));
    expect(read({})).toBe('');
    expect(isMade(WIFI)).toBe(false);
  });

  it('as the image brings it names no network, and is nothing wrong', () => {
    const template = path.join(import.meta.dirname, 'root/boot/firmware/wifi.txt');
    expect(read({ 'wifi.txt': readFileSync(template, 'utf8') })).toBe('');
    expect(isMade(WIFI)).toBe(false);
  });

  it('is not read where it is something else', () => {
    expect(read({ 'wifi.txt': 'x'.repeat(20_000) })).toContain('wifi.txt: longer than 16384 bytes');
  });
});

describe('speaker.txt', () => {
  it('is the speaker’s environment, without what is not its own', () => {
    const said = read({
      'speaker.txt':
        'TONEARM_NAME=Küche \r\nNODE_OPTIONS=--inspect\nTONEARM_KEYS=/boot/keys\nTONEARM_x=1\nTONEARM_SINK=a\\',
    });
    expect(made('speaker.env')).toBe('TONEARM_NAME=Küche\n');
    for (const words of [
      'line 2: settings',
      'line 3: "TONEARM_KEYS" belongs',
      'line 4: a setting',
      'line 5: no value',
    ]) {
      expect(said).toContain(`speaker.txt, ${words}`);
    }
  });
});

describe('ssh.txt', () => {
  it('lets in who has one of its keys; without it there is no file that SSH waits for', () => {
    read({});
    expect(existsSync(path.join(folder, 'home/.ssh/authorized_keys'))).toBe(false);
    const said = read({ 'ssh.txt': '# me\nssh-ed25519 AAAA me@there\r\ncommand="x" ssh-rsa AAAA\n' });
    expect(readFileSync(path.join(folder, 'home/.ssh/authorized_keys'), 'utf8')).toBe('ssh-ed25519 AAAA me@there\n');
    expect(said).toContain('ssh.txt, line 3: not a public key');
  });
});

describe('the name of the machine', () => {
  it('is made once, and made again where it is torn', () => {
    const kept = path.join(folder, 'host-name');
    read({});
    const first = readFileSync(kept, 'utf8');
    expect(first).toMatch(/^tonearm-[0-9a-f]{4}\n$/);
    expect(readFileSync(path.join(folder, 'kernel-name'), 'utf8')).toBe(first);
    read({});
    expect(readFileSync(kept, 'utf8')).toBe(first);
    writeFileSync(kept, 'not a name\n');
    read({});
    expect(readFileSync(kept, 'utf8')).toMatch(/^tonearm-[0-9a-f]{4}\n$/);
  });
});
