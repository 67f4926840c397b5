/** The service manager's port, spoken to a real datagram socket that Python holds (Node has none); skipped by name without it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSdNotify, type NotifyEnvironment } from '#device/adapters/sd-notify/sd-notify';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createJsonLogger } from '#protocol/kit/json-logger';

const ROOT = path.join(import.meta.dirname, '..', '..');
const ADDON = path.join(ROOT, '.build', 'addons', `${process.platform}-${process.arch}`, 'sd-notify.node');
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\\0" + name[1:] if name.startswith("@") else name)
print("listening", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", "|"), flush=True)
`;
const PID = 4_242;

const missing = !existsSync(ADDON)
  ? 'the addon is not built'
  : spawnSync('python3', ['--version']).status === 0
    ? null
    : 'no python3: apt-get install python3';

describe.skipIf(missing !== null)(`sd_notify${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let folder: string;
  let warnings: string[];
  let listener: ChildProcess | null = null;
  const clock = createSystemClock();
  const logger = createJsonLogger((line) => warnings.push(JSON.parse(line).event), clock, 'warn');

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tonearm-notify-'));
    warnings = [];
  });

  afterEach(async () => {
    listener?.kill();
    listener = null;
    await rm(folder, { recursive: true });
  });

  async function listen(name: string): Promise<Interface> {
    listener = spawn('python3', ['-c', LISTENER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (listener.stdout === null) throw new Error('python3 has no stdout');
    const lines = createInterface({ input: listener.stdout });
    await once(lines, 'line');
    return lines;
  }

  const manager = (env: NotifyEnvironment) => createSdNotify(logger, ROOT, { pid: PID, env });

  it.each(['socket in a folder', 'socket in the abstract name space'])('tells its facts to a %s', async (where) => {
    const name = where.includes('abstract') ? `@tonearm-test-${process.pid}` : path.join(folder, 'notify');
    const lines = await listen(name);
    const heard: string[] = [];
    lines.on('line', (line) => heard.push(line));
    const service = manager({ NOTIFY_SOCKET: name });
    service.ready();
    service.status('plays "Kitchen"\nREADY=1');
    service.alive();
    service.stopping();
    while (heard.length < 4) await once(lines, 'line');
    expect(heard).toEqual(['READY=1', 'STATUS=plays "Kitchen" READY=1', 'WATCHDOG=1', 'STOPPING=1']);
    expect(warnings).toEqual([]);
  });

  it('is asked for a sign of life twice in the time that is waited for one', () => {
    const socket = { NOTIFY_SOCKET: path.join(folder, 'notify') };
    expect(manager({ ...socket, WATCHDOG_USEC: '30000000' }).aliveEvery).toBe(15_000);
    expect(manager({ ...socket, WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(PID) }).aliveEvery).toBe(15_000);
    expect(manager({ ...socket, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }).aliveEvery).toBeNull();
    expect(manager({ ...socket, WATCHDOG_USEC: 'soon' }).aliveEvery).toBeNull();
    expect(manager(socket).aliveEvery).toBeNull();
    expect(manager({ WATCHDOG_USEC: '30000000' }).aliveEvery).toBeNull();
  });

  it('says nothing without a service manager, and complains once about one that does not listen', () => {
    manager({}).ready();
    expect(warnings).toEqual([]);
    const service = manager({ NOTIFY_SOCKET: path.join(folder, 'nobody') });
    service.ready();
    service.alive();
    expect(warnings).toEqual(['service-manager.deaf']);
  });
});
