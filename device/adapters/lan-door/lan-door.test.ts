import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTrustedHost, type LanDoor, type LanInfo, openLanDoor } from '#device/adapters/lan-door/lan-door';

const INFO: LanInfo = {
  id: 'speaker-id',
  name: 'Kitchen',
  model: 'test',
  version: '1',
  bridge: null,
  output: 'virtual',
};

let door: LanDoor;

beforeEach(async () => {
  door = await openLanDoor(() => INFO, { port: 0, host: '127.0.0.1' });
});
afterEach(() => door.close());

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(path: string, options: { method?: string; host?: string; body?: string } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: door.port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? '127.0.0.1' },
        agent: false,
      },
      (response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, body, headers: response.headers }));
      },
    );
    asked.on('error', reject);
    asked.end(options.body);
  });
}

/** Sends raw text and gives back all that comes until the connection ends. */
function talk(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(door.port, '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket.on('data', (part) => {
      heard += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}

describe('the door on the local network', () => {
  it('says that the speaker is alive, and who it is', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    const info = await ask('/v1/info?x=1');
    expect(JSON.parse(info.body)).toEqual(INFO);
    expect(info.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('refuses a page that has rebound its own name to this address', async () => {
    const reply = await ask('/v1/info', { host: 'evil.example' });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'access.host-refused', field: 'host' } });
    expect(reply.body).not.toContain('speaker-id');
  });

  it('has no other rooms, and only answers questions', async () => {
    expect((await ask('/v1/../etc/passwd')).status).toBe(404);
    const posted = await ask('/v1/info', { method: 'POST', body: 'x'.repeat(1_000) });
    expect(posted.status).toBe(405);
    expect(posted.headers['allow']).toBe('GET, HEAD');
  });

  it('does not read headers without end, nor what is no HTTP', async () => {
    expect(await talk(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`)).toContain(
      ' 431 ',
    );
    expect(await talk('\u0016\u0003\u0001 hello\r\n\r\n')).toContain(' 400 ');
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('names the port that is taken', async () => {
    await expect(openLanDoor(() => INFO, { port: door.port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'config.port-in-use',
      message: expect.stringContaining(String(door.port)),
    });
  });

  it('closes with a connection open, and twice', async () => {
    const socket = connect(door.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.on('error', () => undefined);
    await ask('/healthz');
    await door.close();
    await door.close();
    await closed;
  });
});

describe('a Host header', () => {
  it.each([
    '192.168.1.5',
    '192.168.1.5:4748',
    '[::1]',
    '[fe80::1]:80',
    'localhost:1',
    'Kitchen.local',
    'kitchen.local.:80',
  ])('is trusted: %s', (host) => {
    expect(isTrustedHost(host)).toBe(true);
  });
  it.each([
    undefined,
    '',
    'evil.example',
    'local',
    'evil.local.example',
    'kitchen.local:80:80',
    '1.2.3',
    '[evil]',
    'a b.local',
  ])('is not: %s', (host) => {
    expect(isTrustedHost(host)).toBe(false);
  });
});
