/**
 * Names to addresses for who has to go on when nobody answers: what a name meant last is used when its server says that
 * there is no such name, fails, or takes long. One question at a time is asked of each name, since the system's resolver
 * holds a thread of Node's four for as long as it waits, and a disk would wait for those threads too.
 */
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Longer than any resolver takes that works; music waits behind it. */
const ANSWER_WITHIN_MS = 1_500;
/** Names whose last meaning is kept: a bridge and the edges of a manifest or two. */
const NAMES_MAX = 64;

type Answered = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;
/** As `dns.lookup` with `all`. */
export type ResolveName = (hostname: string, options: LookupOptions & { all: true }, answered: Answered) => void;

export interface PatientLookupOptions {
  /** `dns.lookup`, unless a test has another. */
  readonly resolve?: ResolveName;
  readonly withinMs?: number;
}

/** For `lookup` of `net.connect`, `tls.connect` and `http.request`. */
export function createPatientLookup(options: PatientLookupOptions = {}): LookupFunction {
  const { withinMs = ANSWER_WITHIN_MS, resolve = resolveBySystem } = options;
  const known = new Map<string, readonly LookupAddress[]>();
  const asked = new Map<string, Answered[]>();

  const keep = (key: string, addresses: readonly LookupAddress[]): void => {
    known.delete(key);
    known.set(key, addresses);
    const [oldest] = known.keys();
    if (known.size > NAMES_MAX && oldest !== undefined) known.delete(oldest);
  };

  const ask = (key: string, hostname: string, how: LookupOptions, answered: Answered): void => {
    const waiting = asked.get(key);
    if (waiting !== undefined) {
      waiting.push(answered);
      return;
    }
    const all = [answered];
    asked.set(key, all);
    resolve(hostname, { ...how, all: true }, (error, addresses) => {
      asked.delete(key);
      if (error === null && addresses.length > 0) keep(key, addresses);
      for (const each of all) each(error, addresses);
    });
  };

  return (hostname, how, callback) => {
    const key = `${hostname} ${how.family ?? 0}`;
    let isTold = false;
    const tell: Answered = (error, addresses) => {
      if (isTold) return;
      isTold = true;
      clearTimeout(timer);
      const last = known.get(key);
      const isAnswer = error === null && addresses.length > 0;
      const meant = isAnswer ? addresses : last;
      const [first] = meant ?? [];
      if (meant === undefined || first === undefined) callback(error ?? nothingFound(hostname), '');
      else if (how.all === true) callback(null, [...meant]);
      else callback(null, first.address, first.family);
    };
    const timer = setTimeout(() => {
      if (known.has(key)) tell(null, []);
    }, withinMs);
    timer.unref();
    ask(key, hostname, how, tell);
  };
}

function resolveBySystem(hostname: string, options: LookupOptions & { all: true }, answered: Answered): void {
  process.getBuiltinModule('node:dns').lookup(hostname, options, answered);
}

function nothingFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address of ${hostname}`), { code: 'ENOTFOUND' });
}
