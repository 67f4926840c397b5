/** Signing in from a terminal, at a real bridge: nobody gets in without, the page lets it in, and it is out again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeIn } from '#sim/processes/come-in';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { RestPhone } from '#sim/processes/rest-phone';

const MAIN = path.join(import.meta.dirname, 'main.ts');
const WITHIN_MS = 60_000;
const READY_WITHIN_MS = 20_000;

let house: HouseholdProcesses;
let owner: RestPhone;
let config = '';

beforeAll(async () => {
  config = mkdtempSync(path.join(tmpdir(), 'tonearm-login-'));
  house = await HouseholdProcesses.create();
  const bridge = await house.startBridge({ access: 'required' });
  const { link } = await bridge.waitForEvent('bridge.welcome', READY_WITHIN_MS);
  const { url, headers } = await comeIn(String(link), { name: 'Olga', password: 'a long evening' });
  owner = new RestPhone(url, headers);
}, WITHIN_MS);
afterAll(async () => {
  await house.stop();
  rmSync(config, { recursive: true, force: true });
}, WITHIN_MS);

interface Said {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

function begin(...words: string[]): { readonly child: ChildProcess; readonly said: Said } {
  const env = { ...process.env, NO_COLOR: '1', XDG_CONFIG_HOME: config, TONEARM_BRIDGE: house.url };
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const said: Said = { exitCode: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (piece: Buffer) => {
    said.stdout += piece.toString();
  });
  child.stderr?.on('data', (piece: Buffer) => {
    said.stderr += piece.toString();
  });
  return { child, said };
}

async function tonearm(...words: string[]): Promise<Said> {
  const { child, said } = begin(...words);
  [said.exitCode] = await once(child, 'close');
  return said;
}

function tokenFile(): string {
  const folder = path.join(config, 'tonearm', 'tokens');
  const [name = ''] = readdirSync(folder);
  return path.join(folder, name);
}

describe('signing in from a terminal', { timeout: WITHIN_MS }, () => {
  it('says what to do when nobody is signed in, and ends with 4', async () => {
    const devices = await tonearm('devices');
    expect(devices.exitCode).toBe(4);
    expect(devices.stderr).toContain('access.sign-in-needed');
    expect(devices.stderr).toContain('tonearm login');
  });

  it('is let in at the page, keeps its tokens for its owner alone, and uses them', async () => {
    const { child, said } = begin('login', '--json');
    const ended = once(child, 'close');
    while (!said.stderr.includes('\n')) await once(child.stderr ?? child, 'data');
    const { userCode } = JSON.parse(said.stderr) as { userCode: string };
    await owner.command('POST', '/tonearm/v1/devices/decide', { userCode, isAllowed: true });
    expect((await ended)[0]).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({ ok: true, name: 'Olga', role: 'owner' });
    expect(statSync(tokenFile()).mode & 0o777).toBe(0o600);
    expect((await tonearm('devices', '--json')).exitCode).toBe(0);
  });

  it('invites people, has guests, and sends people away', async () => {
    const invited = await tonearm('invite', 'Ben', '--json');
    const { link, person } = JSON.parse(invited.stdout) as { link: string; person: { role: string } };
    expect([invited.exitCode, person.role]).toEqual([0, 'member']);
    const ben = new RestPhone(house.url, (await comeIn(link)).headers);
    expect((await ben.call('GET', '/tonearm/v1/me')).body).toMatchObject({ name: 'Ben', role: 'member' });
    expect((await ben.call('GET', '/tonearm/v1/people')).status).toBe(403);
    await tonearm('guest', 'Gustav', '--hours', '2');
    const listed = JSON.parse((await tonearm('people', '--json')).stdout) as {
      people: { name: string; role: string }[];
    };
    expect(listed.people.map(({ name, role }) => [name, role])).toEqual([
      ['Olga', 'owner'],
      ['Ben', 'member'],
      ['Gustav', 'guest'],
    ]);
    expect((await tonearm('people', 'remove', 'ben')).exitCode).toBe(0);
    expect((await ben.call('GET', '/tonearm/v1/me')).status).toBe(401);
    const last = await tonearm('people', 'remove', 'Olga');
    expect([last.exitCode, last.stderr.includes('access.last-owner')]).toEqual([4, true]);
  });

  it('renews a token that has ended, once for all commands that want it at the same time', async () => {
    const stored = JSON.parse(readFileSync(tokenFile(), 'utf8')) as { refreshToken: string };
    writeFileSync(tokenFile(), JSON.stringify({ ...stored, expiresAtMs: 0 }));
    const runs = await Promise.all([tonearm('people'), tonearm('people'), tonearm('people')]);
    expect(runs.map((run) => run.exitCode)).toEqual([0, 0, 0]);
    const renewed = JSON.parse(readFileSync(tokenFile(), 'utf8')) as { refreshToken: string };
    expect(renewed.refreshToken).not.toBe(stored.refreshToken);
  });

  it('is out after logout, and so are its tokens', async () => {
    const { accessToken } = JSON.parse(readFileSync(tokenFile(), 'utf8')) as { accessToken: string };
    expect((await tonearm('logout')).exitCode).toBe(0);
    expect((await tonearm('people')).exitCode).toBe(4);
    const thief = new RestPhone(house.url, { authorization: `Bearer ${accessToken}` });
    expect((await thief.call('GET', '/tonearm/v1/me')).status).toBe(401);
  });
});
