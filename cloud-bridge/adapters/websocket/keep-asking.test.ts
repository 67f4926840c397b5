import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type AccountRole, OPEN_HOUSE_CALLER } from '#bridge/core/ports/callers';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { RestBench } from '#sim/relay/rest-bench';
import { VirtualClock } from '#sim/world/virtual-clock';
import { keepAsking } from './keep-asking.ts';

let bench: RestBench;
let port: number;
beforeEach(async () => {
  bench = new RestBench({ isOpen: false });
  port = await bench.door.listen(0, '127.0.0.1');
});
afterEach(() => bench.close());

async function signIn(name: string, role: AccountRole): Promise<{ readonly id: string; readonly token: string }> {
  const person = await bench.accounts.people.add(name, role, role === 'guest' ? 1 : undefined);
  if (!person.ok) throw person.error;
  const scopes = ['user-read-playback-state', 'tonearm-library'] as const;
  const fresh = await bench.accounts.grants.begin(person.value, { kind: 'client', label: 'test', scopes });
  const answer = await bench.accounts.issue.answer(fresh);
  if (answer === null) throw new Error('a person that is there gets a token');
  return { id: person.value.id, token: answer.access_token };
}

async function open(token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/events/v1`, ['tonearm.events.v1', `tonearm.bearer.${token}`]);
  await once(socket, 'open');
  return socket;
}

describe('a socket that is open', () => {
  it('is not opened without access', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/events/v1`, 'tonearm.events.v1');
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(401);
  });

  it('closes when its person goes, and no other does', async () => {
    const [anna, ben] = [await signIn('Anna', 'member'), await signIn('Ben', 'member')];
    const [annas, bens] = [await open(anna.token), await open(ben.token)];
    expect(annas.protocol).toBe('tonearm.events.v1');
    const closed = once(annas, 'close');
    const person = bench.accounts.people.byName('Anna');
    if (person === undefined) throw new Error('she was added');
    await bench.accounts.people.remove(person.id);
    expect((await closed)[0]).toBe(CLOSE_CODES.accessEnded);
    // Whoever was asked about at the same time has had the answer too.
    await bench.accounts.callers.identify({ bearer: ben.token, cookie: null });
    expect(bens.readyState).toBe(WebSocket.OPEN);
    bens.terminate();
  });

  it('closes when its person becomes a lesser one, so that it comes back as such', async () => {
    const anna = await signIn('Anna', 'member');
    const socket = await open(anna.token);
    const person = bench.accounts.people.byName('Anna');
    if (person === undefined) throw new Error('she was added');
    const closed = once(socket, 'close');
    await bench.accounts.people.change(person.id, { role: 'guest', guestHours: 1 });
    expect((await closed)[0]).toBe(CLOSE_CODES.accessEnded);
  });

  it('closes when the access ends by itself, however far off that is, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const socket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1, close: vi.fn() });
    const endsAtMs = clock.wallMs() + 5 * 3_600_000;
    const identify = async () =>
      clock.wallMs() < endsAtMs ? ok(caller) : refused(new TonearmError('access.sign-in-needed', 'it has ended'));
    const caller = { ...OPEN_HOUSE_CALLER, expiresAtMs: endsAtMs };
    const by = { bearer: 'token', cookie: null };
    keepAsking({ clock, callers: { identify } }, socket as unknown as WebSocket, by, caller);
    await clock.advance(ms(5 * 3_600_000 - 1));
    expect(socket.close).not.toHaveBeenCalled();
    await clock.advance(ms(1));
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(CLOSE_CODES.accessEnded, 'sign in again');
    socket.emit('close');
    expect(clock.timers()).toEqual([]);
  });
});
