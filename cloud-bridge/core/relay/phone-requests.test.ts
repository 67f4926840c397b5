import { describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { silentLogger } from '#protocol/kit/silent-logger';
import { CLOSE_CODES, type TransportLink, type TransportListener } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { VirtualClock } from '#sim/world/virtual-clock';
import { OPEN_HOUSE_CALLER } from '../ports/callers.ts';
import type { PhoneRequest, RequestOptions } from '../ports/household.ts';
import {
  PHONE_MESSAGES_BURST_MAX,
  PHONE_REQUEST_DEADLINE_MAX,
  PHONE_REQUESTS_PENDING_MAX,
  QUEUED_BYTES_MAX,
} from './limits.ts';
import { takeRequests } from './phone-requests.ts';

type Outcome = Result<void, TonearmError>;

/** A phone's end of the link, and a household that answers when it is told to. */
function desk(scopes = OPEN_HOUSE_CALLER.scopes) {
  const sent: unknown[] = [];
  const closes: [number, string][] = [];
  const asked: { request: PhoneRequest; options: RequestOptions; answer: (outcome: Outcome) => void }[] = [];
  let listener: TransportListener | null = null;
  let queued = 0;
  const link: TransportLink = {
    send: (text) => {
      sent.push(JSON.parse(text));
      return true;
    },
    queuedBytes: () => queued,
    close: (code, reason) => {
      closes.push([code, reason]);
      listener?.closed(code, reason);
    },
    listen: (next) => {
      listener = next;
    },
  };
  const household = {
    request: (request: PhoneRequest, options: RequestOptions) =>
      new Promise<Outcome>((answer) => asked.push({ request, options, answer })),
  };
  const ports = { clock: new VirtualClock(), logger: silentLogger, household };
  const told: string[] = [];
  takeRequests(ports, link, { ...OPEN_HOUSE_CALLER, scopes }).listen({
    received: (text) => told.push(text),
    closed: (code) => told.push(`closed ${code}`),
  });
  const say = (message: unknown) => listener?.received(typeof message === 'string' ? message : JSON.stringify(message));
  return { say, sent, closes, asked, told, fill: (bytes: number) => (queued = bytes) };
}

function pause(id = 'request-1', deadlineMs = 5_000) {
  return { kind: 'request', id, deadlineMs, body: { kind: 'pause', speakerId: null } };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a phone that asks on its socket', () => {
  it('is answered once, when it is done, for its own account', async () => {
    const it = desk();
    it.say(pause());
    expect(it.asked).toMatchObject([
      {
        request: { kind: 'pause', speakerId: null },
        options: {
          commandId: 'request-1',
          accountId: OPEN_HOUSE_CALLER.accountId,
          accountName: OPEN_HOUSE_CALLER.name,
          deadline: 5_000,
        },
      },
    ]);
    await settled();
    expect(it.sent).toEqual([]);
    it.asked[0]?.answer(ok(undefined));
    await settled();
    expect(it.sent).toEqual([{ kind: 'requestAnswer', id: 'request-1', outcome: { kind: 'accepted' } }]);
  });

  it('that says no more than that it is there is told so, whatever it may do', () => {
    const it = desk(new Set());
    it.say({ kind: 'heartbeat', sequence: 7 });
    expect([it.sent, it.asked, it.closes]).toEqual([[{ kind: 'heartbeatAnswer', sequence: 7 }], [], []]);
    it.fill(QUEUED_BYTES_MAX + 1);
    it.say({ kind: 'heartbeat', sequence: 8 });
    expect(it.closes).toMatchObject([[CLOSE_CODES.slowReader, 'reads too slowly']]);
  });

  it('is told why something was not done', async () => {
    const it = desk();
    it.say(pause());
    it.asked[0]?.answer(refused(new TonearmError('session.no-active-speaker', 'nobody plays')));
    await settled();
    expect(it.sent).toEqual([
      {
        kind: 'requestAnswer',
        id: 'request-1',
        outcome: { kind: 'refused', error: { code: 'session.no-active-speaker', message: 'nobody plays' } },
      },
    ]);
  });

  it('waits no longer than any phone may', () => {
    const it = desk();
    it.say(pause('request-1', 1e9));
    expect(it.asked[0]?.options.deadline).toBe(PHONE_REQUEST_DEADLINE_MAX);
  });

  it('may do nothing without the scope, and its socket stays', async () => {
    const it = desk(new Set(['user-read-playback-state']));
    it.say(pause());
    await settled();
    expect(it.asked).toEqual([]);
    expect(it.sent).toMatchObject([{ outcome: { kind: 'refused', error: { code: 'access.scope-missing' } } }]);
    expect(it.closes).toEqual([]);
  });

  it('is refused what is more than may wait, and asks again when some are done', async () => {
    const it = desk();
    for (let n = 0; n <= PHONE_REQUESTS_PENDING_MAX; n += 1) it.say(pause(`request-${n}`));
    await settled();
    expect(it.asked).toHaveLength(PHONE_REQUESTS_PENDING_MAX);
    expect(it.sent).toMatchObject([{ id: 'request-16', outcome: { error: { code: 'session.busy' } } }]);
    it.asked[0]?.answer(ok(undefined));
    await settled();
    it.say(pause('request-99'));
    expect(it.asked).toHaveLength(PHONE_REQUESTS_PENDING_MAX + 1);
  });

  it('is sent away when it says more than a phone can mean', () => {
    const it = desk(new Set());
    for (let n = 0; n <= PHONE_MESSAGES_BURST_MAX; n += 1) it.say(pause());
    expect(it.closes).toMatchObject([[CLOSE_CODES.tryLater, expect.stringMatching(/messages a second/)]]);
  });

  it('is cut when it does not read its answers', async () => {
    const it = desk();
    it.say(pause());
    it.fill(QUEUED_BYTES_MAX + 1);
    it.asked[0]?.answer(ok(undefined));
    await settled();
    expect(it.sent).toEqual([]);
    expect(it.closes).toMatchObject([[CLOSE_CODES.slowReader, expect.anything()]]);
  });

  it('hears nothing of what is done after it has gone', async () => {
    const it = desk();
    it.say(pause());
    it.say('not JSON');
    expect(it.told).toEqual([`closed ${CLOSE_CODES.invalidMessage}`]);
    it.asked[0]?.answer(ok(undefined));
    await settled();
    expect(it.sent).toEqual([]);
    it.say(pause('request-2'));
    expect(it.asked).toHaveLength(1);
  });

  const { valid, invalid } = loadGoldenVectors('phones');
  it.each(valid)('may ask for $name', ({ text, read }) => {
    const it = desk();
    it.say(text);
    const { kind } = read as { kind: string };
    if (kind === 'heartbeat') {
      expect(it.sent).toMatchObject([{ kind: 'heartbeatAnswer' }]);
      return;
    }
    expect(JSON.parse(JSON.stringify(it.asked[0]?.request))).toEqual((read as { body: unknown }).body);
  });

  it.each(invalid)('is closed for $name', ({ text, field }) => {
    const it = desk();
    it.say(text);
    expect(it.asked).toEqual([]);
    expect(it.closes).toMatchObject([[CLOSE_CODES.invalidMessage, expect.stringContaining(field ?? '')]]);
  });
});
