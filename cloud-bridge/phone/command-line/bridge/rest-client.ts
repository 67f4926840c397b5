/**
 * The bridge's REST door from the outside. Every request has a deadline, every answer a size limit and a schema; what
 * goes wrong comes back as a `CommandFailure` that says which of them it was.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type HouseholdSnapshot, householdSnapshotSchema, type IngestView } from '#protocol/wire/household';
import { parseValue, type Schema } from '#protocol/wire/schema';
import { type StoreCheckView, storeCheckViewSchema } from '#protocol/wire/store-check';
import { CommandFailure } from '../command-failure.ts';
import { failureOfAnswer } from './rest-failure.ts';
import type { TokenSource } from './token-source.ts';
import {
  type CandidateAnswer,
  type ChangesAnswer,
  candidatesAnswerSchema,
  changesAnswerSchema,
  errorAnswerSchema,
  type FirmwareAnswer,
  firmwareAnswerSchema,
  type Health,
  healthSchema,
  ingestAnswerSchema,
  type LinkAnswer,
  linkAnswerSchema,
  type MeAnswer,
  meAnswerSchema,
  type PairedAnswer,
  type PairedSpeakerAnswer,
  type PersonAnswer,
  pairedAnswerSchema,
  pairedSpeakerSchema,
  pairedSpeakersSchema,
  peopleAnswerSchema,
  personAnswerSchema,
  type SearchAnswer,
  searchAnswerSchema,
} from './web-api-wire.ts';

/** A command waits for its speaker up to 5 s at the bridge, a hand-over longer; past this the bridge itself is stuck. */
const REQUEST_DEADLINE_MS = 20_000;
/** Three questions to a small board, each of which may take ten seconds. */
const PAIRING_DEADLINE_MS = 45_000;
const PAIRINGS = '/tonearm/v1/pairings';
const SPEAKERS = '/tonearm/v1/speakers';
/** Of at most a thousand each. */
const SPEAKER_PAGES_MAX = 20;
const FIRMWARE = '/tonearm/v1/firmware';
/** Looking whether a bridge is there at all; a house's network answers in milliseconds. */
const PROBE_DEADLINE_MS = 1_000;
/** The largest answer is a household with a full ingest's failures: some hundred kB. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RestRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly deadlineMs?: number;
}

export interface RestClient {
  /** `http://host:port` */
  readonly url: string;
  /** For sockets, which are opened elsewhere; null when nobody is signed in. */
  accessToken(): Promise<string | null>;
  health(): Promise<Health>;
  /** Who asks. */
  me(): Promise<MeAnswer>;
  people(): Promise<readonly PersonAnswer[]>;
  addPerson(person: Readonly<Record<string, unknown>>): Promise<PersonAnswer>;
  changePerson(id: string, change: Readonly<Record<string, unknown>>): Promise<PersonAnswer>;
  removePerson(id: string): Promise<void>;
  createLink(id: string, options: { readonly hours: number; readonly uses: number }): Promise<LinkAnswer>;
  /** Speakers on the network that are not of this house. */
  pairingCandidates(): Promise<readonly CandidateAnswer[]>;
  pair(wish: Readonly<Record<string, string>>): Promise<PairedAnswer>;
  /** The speakers of this house. */
  pairedSpeakers(): Promise<readonly PairedSpeakerAnswer[]>;
  changeSpeaker(id: string, change: Readonly<Record<string, string>>): Promise<PairedSpeakerAnswer>;
  forgetSpeaker(id: string): Promise<void>;
  /** Releases, to whom they go, and what each speaker runs. */
  firmware(): Promise<FirmwareAnswer>;
  publishFirmware(version: string, percent: number): Promise<void>;
  haltFirmware(version: string): Promise<void>;
  household(): Promise<HouseholdSnapshot>;
  search(words: string, limit: number): Promise<SearchAnswer>;
  beginIngest(folder: string): Promise<void>;
  ingest(): Promise<IngestView>;
  /** What became of the library's files after the change of this number. */
  libraryChanges(after: number): Promise<ChangesAnswer>;
  beginCheck(isRepairing: boolean): Promise<void>;
  check(): Promise<StoreCheckView>;
  /** Changes what comes next, by the names of entries. */
  queue(
    method: 'POST' | 'PATCH' | 'DELETE',
    change: { readonly query?: Query; readonly body?: unknown },
  ): Promise<void>;
  /** One of the player's routes, e.g. `send('PUT', 'pause')`; `path` is what follows `/v1/me/player`. */
  player(method: 'PUT' | 'POST', path: string, query?: Query, body?: unknown): Promise<void>;
}

/** Page after page, and no more of them than the largest house has. */
async function allPairedSpeakers(
  ask: <Value>(schema: Schema<Value>, request: RestRequest) => Promise<Value>,
): Promise<readonly PairedSpeakerAnswer[]> {
  const all: PairedSpeakerAnswer[] = [];
  for (let page = 0; page < SPEAKER_PAGES_MAX; page += 1) {
    const query = { offset: all.length };
    const { items, total } = await ask(pairedSpeakersSchema, { method: 'GET', path: SPEAKERS, query });
    all.push(...items);
    // A bridge of before tells no total, and all at once.
    if (items.length === 0 || all.length >= (total ?? 0)) break;
  }
  return all;
}

/** Where requests go, who sends them, and what gives them up. */
interface Way {
  readonly url: string;
  readonly interrupted: AbortSignal;
  readonly source: TokenSource;
}

const NOBODY: TokenSource = { accessToken: async () => null };

/** @param interrupted gives up what is under way */
export function createRestClient(url: string, interrupted: AbortSignal, source: TokenSource = NOBODY): RestClient {
  const way: Way = { url, interrupted, source };
  const ask = <Value>(schema: Schema<Value>, request: RestRequest) => askBridge(way, request, schema);
  const tell = (request: RestRequest) => sendRequest(way, request).then(() => undefined);
  return {
    url,
    ...accountRequests(ask, tell),
    pairingCandidates: async () =>
      (await ask(candidatesAnswerSchema, { method: 'GET', path: `${PAIRINGS}/candidates` })).items,
    pair: (body) => ask(pairedAnswerSchema, { method: 'POST', path: PAIRINGS, body, deadlineMs: PAIRING_DEADLINE_MS }),
    pairedSpeakers: () => allPairedSpeakers(ask),
    changeSpeaker: (id, body) =>
      ask(pairedSpeakerSchema, { method: 'PATCH', path: `${SPEAKERS}/${encodeURIComponent(id)}`, body }),
    forgetSpeaker: (id) => tell({ method: 'DELETE', path: `${SPEAKERS}/${encodeURIComponent(id)}` }),
    firmware: () => ask(firmwareAnswerSchema, { method: 'GET', path: FIRMWARE }),
    publishFirmware: (version, percent) =>
      tell({ method: 'PUT', path: `${FIRMWARE}/rollouts/${encodeURIComponent(version)}`, body: { percent } }),
    haltFirmware: (version) => tell({ method: 'DELETE', path: `${FIRMWARE}/rollouts/${encodeURIComponent(version)}` }),
    accessToken: () => source.accessToken(),
    health: () => ask(healthSchema, { method: 'GET', path: '/tonearm/v1/health', deadlineMs: PROBE_DEADLINE_MS }),
    household: () => ask(householdSnapshotSchema, { method: 'GET', path: '/tonearm/v1/household' }),
    search: (words, limit) =>
      ask(searchAnswerSchema, {
        method: 'GET',
        path: '/v1/search',
        query: { q: words, type: 'track,album,artist', limit },
      }),
    beginIngest: (folder) => tell({ method: 'POST', path: '/tonearm/v1/ingest', body: { folder } }),
    libraryChanges: (after) =>
      ask(changesAnswerSchema, { method: 'GET', path: '/tonearm/v1/library/changes', query: { after } }),
    beginCheck: (repair) => tell({ method: 'POST', path: '/tonearm/v1/check', body: { repair } }),
    check: () => ask(storeCheckViewSchema, { method: 'GET', path: '/tonearm/v1/check' }),
    ingest: () => ask(ingestAnswerSchema, { method: 'GET', path: '/tonearm/v1/ingest' }),
    queue: (method, change) => tell({ method, path: '/tonearm/v1/session/queue', ...change }),
    player: (method, path, query = {}, body = undefined) =>
      tell({ method, path: `/v1/me/player${path === '' ? '' : `/${path}`}`, query, body }),
  };
}

function accountRequests(
  ask: <Value>(schema: Schema<Value>, request: RestRequest) => Promise<Value>,
  tell: (request: RestRequest) => Promise<void>,
): Pick<RestClient, 'me' | 'people' | 'addPerson' | 'changePerson' | 'removePerson' | 'createLink'> {
  const people = '/tonearm/v1/people';
  const one = (id: string) => `${people}/${encodeURIComponent(id)}`;
  return {
    me: () => ask(meAnswerSchema, { method: 'GET', path: '/tonearm/v1/me' }),
    people: async () => (await ask(peopleAnswerSchema, { method: 'GET', path: people })).items,
    addPerson: (body) => ask(personAnswerSchema, { method: 'POST', path: people, body }),
    changePerson: (id, body) => ask(personAnswerSchema, { method: 'PATCH', path: one(id), body }),
    removePerson: (id) => tell({ method: 'DELETE', path: one(id) }),
    createLink: (id, body) => ask(linkAnswerSchema, { method: 'POST', path: `${one(id)}/links`, body }),
  };
}

async function askBridge<Value>(way: Way, request: RestRequest, schema: Schema<Value>): Promise<Value> {
  const text = await sendRequest(way, request);
  const subject = `the bridge's answer to ${request.method} ${request.path}`;
  const json = parseJson(text);
  if (json === undefined) throw unexpected(`${subject} is not JSON`);
  const parsed = parseValue(schema, json, subject);
  if (!parsed.ok) throw unexpected(parsed.error.message, parsed.error.field);
  return parsed.value;
}

/** @returns the body of an answer below 300 */
async function sendRequest({ url, interrupted, source }: Way, request: RestRequest): Promise<string> {
  const target = new URL(request.path, url);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) target.searchParams.set(name, String(value));
  }
  const deadlineMs = request.deadlineMs ?? REQUEST_DEADLINE_MS;
  const token = await source.accessToken();
  const bearer = token === null ? {} : { authorization: `Bearer ${token}` };
  try {
    const answer = await fetch(target, {
      method: request.method,
      redirect: 'error',
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(deadlineMs)]),
      headers: { accept: 'application/json', ...bearer, ...(request.body === undefined ? {} : JSON_HEADERS) },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await readBounded(answer);
    if (answer.ok) return text;
    const body = parseValue(errorAnswerSchema, parseJson(text), 'the error');
    throw failureOfAnswer(answer.status, body.ok ? body.value : null, `${request.method} ${request.path}`);
  } catch (thrown) {
    throw whyNoAnswer(thrown, url, interrupted, deadlineMs);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' };

async function readBounded(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const piece of answer.body ?? []) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > ANSWER_BYTES_MAX) throw unexpected(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unexpected(message: string, field?: string): CommandFailure {
  return new CommandFailure(new TonearmError('fetch.unexpected-answer', message, field === undefined ? {} : { field }));
}

function whyNoAnswer(thrown: unknown, url: string, interrupted: AbortSignal, deadlineMs: number): unknown {
  if (thrown instanceof CommandFailure || interrupted.aborted) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new CommandFailure(
      new TonearmError('fetch.timed-out', `the bridge at ${url} did not answer within ${deadlineMs / 1000} s`),
    );
  }
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(thrown);
  return new CommandFailure(
    new TonearmError('connect.unreachable', `no bridge answers at ${url}: ${REASON_BY_CODE[why] ?? why}`, {
      cause: thrown,
    }),
  );
}

const REASON_BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no machine of that name (ENOTFOUND)',
  EAI_AGAIN: 'the name could not be looked up (EAI_AGAIN)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  EHOSTUNREACH: 'no way to that machine (EHOSTUNREACH)',
  ETIMEDOUT: 'the machine does not answer (ETIMEDOUT)',
};
