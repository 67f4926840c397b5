import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPatientLookup, type ResolveName } from './patient-lookup.ts';

const HOME: LookupAddress = { address: '192.168.1.5', family: 4 };
const MOVED: LookupAddress = { address: '192.168.1.9', family: 4 };

type Told = { error: string | null; address: unknown };

/** A name server that answers when the test says so. */
class Server {
  readonly questions: string[] = [];
  #waiting: ((error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void)[] = [];

  readonly resolve: ResolveName = (hostname, _options, answered) => {
    this.questions.push(hostname);
    this.#waiting.push(answered);
  };

  say(answer: LookupAddress | string): void {
    const error = typeof answer === 'string' ? Object.assign(new Error(answer), { code: answer }) : null;
    for (const answered of this.#waiting.splice(0)) answered(error, typeof answer === 'string' ? [] : [answer]);
  }
}

let server: Server;
let lookup: ReturnType<typeof createPatientLookup>;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  lookup = createPatientLookup({ resolve: server.resolve, withinMs: 1_000 });
});
afterEach(() => vi.useRealTimers());

function ask(all = false): Told[] {
  const told: Told[] = [];
  lookup('bridge.local', { all }, (error, address) => told.push({ error: error?.code ?? null, address }));
  return told;
}

describe('a name', () => {
  it('means what its server says, as long as that answers', () => {
    const first = ask();
    server.say(HOME);
    const second = ask();
    server.say(MOVED);
    expect([...first, ...second]).toEqual([
      { error: null, address: HOME.address },
      { error: null, address: MOVED.address },
    ]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('means what it meant last when the answer is %s', (code) => {
    ask();
    server.say(HOME);
    const one = ask();
    const all = ask(true);
    server.say(code);
    expect(one).toEqual([{ error: null, address: HOME.address }]);
    expect(all).toEqual([{ error: null, address: [HOME] }]);
  });

  it('means what it meant last when there is no answer in time, and the late one is kept for the next', () => {
    ask();
    server.say(HOME);
    const waiting = ask();
    vi.advanceTimersByTime(999);
    expect(waiting).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(waiting).toEqual([{ error: null, address: HOME.address }]);
    server.say(MOVED);
    expect(waiting).toHaveLength(1);
    const next = ask();
    server.say('ENOTFOUND');
    expect(next).toEqual([{ error: null, address: MOVED.address }]);
  });

  it('is asked for once at a time, however many want it', () => {
    const told = [ask(), ask(), ask()];
    vi.advanceTimersByTime(30_000);
    expect(server.questions).toEqual(['bridge.local']);
    expect(told.flat()).toEqual([]);
    server.say(HOME);
    expect(told.flat()).toHaveLength(3);
  });

  it('that nobody ever knew is an error, when the answer is one', () => {
    const told = ask();
    vi.advanceTimersByTime(30_000);
    server.say('ENOTFOUND');
    expect(told).toEqual([{ error: 'ENOTFOUND', address: '' }]);
  });
});
