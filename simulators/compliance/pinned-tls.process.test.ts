/** A bridge's TLS door and a speaker's pinned connections, over real sockets. Spec 4.8. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecureDoor, type SecureDoor } from '#bridge/adapters/tls/secure-door';
import { loadOwnTlsMaterial, type TlsMaterial } from '#bridge/adapters/tls/tls-material';
import { openSocketDoor, type SocketDoor } from '#bridge/adapters/websocket/socket-door';
import { createPerimeter } from '#bridge/core/perimeter/perimeter';
import { OPEN_HOUSE } from '#bridge/core/ports/callers';
import {
  createHttpContentSource,
  type HttpContentSource,
} from '#device/adapters/http-content-source/http-content-source';
import { createPatientLookup } from '#protocol/adapters/patient-lookup';
import { connectPinned, whenVerified } from '#protocol/adapters/pinned-socket';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import { silentLogger } from '#protocol/kit/silent-logger';
import { speakerId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { benchTrackId, FILE_ID, FILE_TOKEN, RestBench } from '#sim/relay/rest-bench';

const HOST = '127.0.0.1';
const SPEAKER = speakerId('kitchen-speaker');
/** What the bench answers for it only the right bridge can say. */
const PREPARING = benchTrackId(2);
const TOKEN = 'T'.repeat(43);
const clock = createSystemClock();

let folder: string;
let material: TlsMaterial;
let bench: RestBench;
let door: SecureDoor;
let sockets: SocketDoor;
let port: number;
let source: HttpContentSource;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-pinned-'));
  material = loadOwnTlsMaterial(folder, { name: 'Tonearm', hosts: ['localhost'] });
  bench = new RestBench();
  door = createSecureDoor(bench.door.app, material);
  const perimeter = createPerimeter(clock, { hostNames: ['bridge.test'] });
  sockets = openSocketDoor(
    { clock, logger: silentLogger, perimeter, callers: OPEN_HOUSE },
    door.server,
    bench.household,
  );
  port = await door.listen(0, HOST);
  source = createHttpContentSource(clock);
});

afterEach(async () => {
  source.close();
  await sockets.close();
  await door.close();
  await bench.close();
  rmSync(folder, { recursive: true });
});

const otherPin = () => material.pin.map((byte) => byte ^ 1);

/** Somebody else in the bridge's place, who keeps whatever it is told once TLS stands. */
async function withStranger(run: (port: number, heard: () => readonly string[]) => Promise<void>): Promise<void> {
  const other = mkdtempSync(join(tmpdir(), 'tonearm-stranger-'));
  const { key, cert } = loadOwnTlsMaterial(other, { name: 'Tonearm', hosts: ['localhost'] });
  const heard: string[] = [];
  const open = new Set<TLSSocket>();
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, (socket) => {
    open.add(socket);
    socket.on('data', (piece) => heard.push(piece.toString('latin1')));
    socket.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  try {
    await run(address.port, () => heard);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(other, { recursive: true });
  }
}

describe('a bridge’s TLS door', () => {
  it('answers every route of the plain one, to any client', async () => {
    const status = await new Promise((resolve, reject) => {
      const asked = request(
        { host: HOST, port, path: '/tonearm/v1/health', ca: material.cert, servername: 'localhost' },
        (answer) => resolve(answer.resume().statusCode),
      );
      asked.on('error', reject);
      asked.end();
    });
    expect(status).toBe(200);
  });
});

describe('a speaker that knows its bridge’s key', () => {
  it('opens its socket there, and says that it takes a challenge', async () => {
    const dialled = await createWsDialer().dial(`wss://${HOST}:${port}`, material.pin).outcome;
    if (!dialled.ok) throw dialled.error;
    const closed = new Promise((resolve) => dialled.value.listen({ received() {}, closed: resolve }));
    expect(bench.household.speakerLinks).toHaveLength(1);
    expect(bench.household.challenged).toEqual([true]);
    dialled.value.close(1000, 'done');
    await closed;
  });

  it('finds it where its name meant last, when nobody knows the name any more, and at a wrong address opens nothing', async () => {
    const answers: (string | null)[] = [HOST, null, '127.0.0.2'];
    const lookup = createPatientLookup({
      resolve: (_name, _how, answered) => {
        const address = answers.shift() ?? null;
        const gone = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
        answered(address === null ? gone : null, address === null ? [] : [{ address, family: 4 }]);
      },
    });
    const dialer = createWsDialer({ lookup });
    for (const known of [true, true, false]) {
      const dialled = await dialer.dial(`wss://bridge.test:${port}`, material.pin).outcome;
      expect(dialled.ok ? 'open' : dialled.error.code).toBe(known ? 'open' : 'connect.unreachable');
      if (dialled.ok) dialled.value.close(1000, 'done');
    }
    expect(answers).toEqual([]);
  });

  it('opens none where another key answers, or where there is no TLS', async () => {
    const wrong = await createWsDialer().dial(`wss://${HOST}:${port}`, otherPin()).outcome;
    expect(wrong).toMatchObject({ ok: false, error: { code: 'connect.identity-refused' } });
    const plain = await createWsDialer().dial(`ws://${HOST}:${port}`, material.pin).outcome;
    expect(plain).toMatchObject({ ok: false, error: { code: 'connect.identity-refused' } });
    expect(bench.household.speakerLinks).toHaveLength(0);
  });

  it('asks for manifests and music there, with its token, over connections that it keeps', async () => {
    source.setBridge(`https://${HOST}:${port}`, SPEAKER, { pin: material.pin, accessToken: TOKEN });
    const manifest = await source.fetchManifest(PREPARING).outcome;
    expect(manifest).toMatchObject({ ok: false, error: { code: 'content.preparing' } });
    expect(bench.askers.at(-1)?.bridgeUrl).toBe(`https://${HOST}:${port}`);
    const range = { offset: bytes(10), length: bytes(20) };
    const part = await source.fetchRange({ edgeUrl: '', token: FILE_TOKEN, fileId: FILE_ID, range }).outcome;
    expect(part.ok && part.value.length).toBe(20);
    const named = { edgeUrl: `https://${HOST}:${port}`, token: FILE_TOKEN, fileId: FILE_ID, range };
    expect((await source.fetchRange(named).outcome).ok).toBe(true);
  });

  it('tells a stranger in its place nothing, and says why', async () => {
    await withStranger(async (strange, heard) => {
      source.setBridge(`https://${HOST}:${strange}`, SPEAKER, { pin: material.pin, accessToken: TOKEN });
      const refusal = await source.fetchManifest(PREPARING).outcome;
      expect(refusal).toMatchObject({ ok: false, error: { code: 'fetch.unreachable' } });
      if (!refusal.ok) expect(refusal.error.message).toContain('another key');
      const dialled = await createWsDialer().dial(`wss://${HOST}:${strange}`, material.pin).outcome;
      expect(dialled).toMatchObject({ ok: false, error: { code: 'connect.identity-refused' } });
      expect(heard()).toEqual([]);
      // It would have heard: who does not look at keys tells it.
      await new Promise<void>((resolve) => {
        const careless = connect({ host: HOST, port: strange, rejectUnauthorized: false }, () => careless.end('hello'));
        careless.on('close', () => resolve());
      });
      expect(heard()).toEqual(['hello']);
    });
  });

  it('takes a session up again where the key is the same, and judges it all the same', async () => {
    const peer = { host: HOST, port, pin: material.pin };
    const connected = async (pin: Uint8Array) => {
      const socket = connectPinned({ ...peer, pin });
      const error = await new Promise<Error | null>((resolve) => whenVerified(socket, resolve));
      return { socket, error };
    };
    const first = await connected(peer.pin);
    expect(first.error).toBeNull();
    await new Promise((resolve) => first.socket.once('session', resolve));
    first.socket.destroy();
    const second = await connected(peer.pin);
    expect(second.error).toBeNull();
    expect(second.socket.isSessionReused()).toBe(true);
    second.socket.destroy();
    expect((await connected(otherPin())).error).toMatchObject({ code: 'connect.identity-refused' });
  });
});
