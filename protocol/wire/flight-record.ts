/**
 * A flight record: what came into a speaker's or a bridge's core through its ports, line by line, so that today's core can
 * be run against it. Nothing in it says whose home it was. Spec section 17.
 */
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Infer, parseValue } from './schema.ts';

/** Of the lines that follow; another number is another format. */
export const FLIGHT_FORMAT = 'tonearm.flight.1';
/** What a recording's name ends in. */
export const FLIGHT_SUFFIX = '.flight.jsonl';
/** Characters of one line: a part of a track list, with room. */
export const FLIGHT_LINE_LENGTH_MAX = 262_144;
/** Lines of one recording; a recorder's ring holds far fewer. */
export const FLIGHT_LINES_MAX = 500_000;

/** What is told of an object whose own shape another schema says: a message, an intent, a session. */
const body = z.looseObject({ kind: z.string() });
const record = z.looseObject({});
const count = z.int().check(z.nonnegative());
const name = z.string().check(z.minLength(1), z.maxLength(200));
const code = z.string().check(z.regex(/^[a-z]+\.[a-z-]+$/));

export const flightHeaderSchema = z.object({
  format: z.literal(FLIGHT_FORMAT),
  role: z.enum(['speaker', 'bridge']),
  /** Of the program that recorded. */
  version: name,
  /** Of Node.js, e.g. `v24.21.0`. */
  node: name,
  /** Both clocks at t = 0; the monotonic one is what messages and sound were timed by. */
  start: z.object({ monotonicUs: z.int(), wallMs: z.int() }),
  /** Whether t = 0 is when the process began; else the first lines say how things stood, as if it had begun then. */
  isWhole: z.boolean(),
  /** What the core was started with, without secrets. */
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type FlightHeader = Infer<typeof flightHeaderSchema>;

/** Of a fetch; the empty edge is the bridge. */
const answer = {
  tookUs: count,
  /** Until its first byte; null: none came, or nobody counted. */
  firstAfterUs: z.nullable(count),
  arrivedBytes: count,
  code: z.nullable(code),
};

const events = {
  /** Timers came late by this much: the process, or the machine, stood still. */
  clock: z.discriminatedUnion('kind', [z.object({ kind: z.literal('stalled'), lateUs: count })]),
  random: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('drew'), fraction: z.number().check(z.gte(0), z.lt(1)) }),
  ]),
  settings: z.discriminatedUnion('kind', [z.object({ kind: z.literal('loaded'), settings: z.nullable(record) })]),
  memory: z.discriminatedUnion('kind', [z.object({ kind: z.literal('recalled'), playback: z.nullable(record) })]),
  ownership: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('loaded'), ownership: z.nullable(record) }),
    z.object({ kind: z.literal('failed'), code }),
    /** Somebody paired it, or made it forget. */
    z.object({ kind: z.literal('changed') }),
  ]),
  network: z.discriminatedUnion('kind', [z.object({ kind: z.literal('changed') })]),
  /** At the speaker itself; `body` is that of the command that the button stands for. */
  button: z.discriminatedUnion('kind', [z.object({ kind: z.literal('pressed'), body })]),
  discovery: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('found'), service: record }),
    z.object({ kind: z.literal('lost'), name }),
    z.object({ kind: z.literal('announced'), name }),
  ]),
  dialer: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('dialled'), attempt: count, address: name, isPinned: z.boolean() }),
    z.object({ kind: z.literal('opened'), attempt: count, link: count }),
    z.object({ kind: z.literal('refused'), attempt: count, code }),
  ]),
  link: z.discriminatedUnion('kind', [
    /** Somebody came to a door of the bridge. */
    z.object({
      kind: z.literal('accepted'),
      link: count,
      door: z.enum(['speaker', 'phone']),
      takesChallenge: z.optional(z.boolean()),
      accountId: z.optional(name),
    }),
    z.object({ kind: z.literal('received'), link: count, message: body }),
    /** A text that is no message; it is not kept. */
    z.object({ kind: z.literal('garbled'), link: count, length: count }),
    z.object({ kind: z.literal('sent'), link: count, message: body }),
    /** `send` was refused: the link was closed, or its queue full. */
    z.object({ kind: z.literal('unsent'), link: count, message: body }),
    /** By this side. */
    z.object({ kind: z.literal('closing'), link: count, code: z.int() }),
    z.object({ kind: z.literal('closed'), link: count, code: z.int() }),
  ]),
  engine: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('told'), intent: body }),
    z.object({ kind: z.literal('said'), event: body }),
  ]),
  /** How what was asked for was answered, when the answer had come; `code` null: whole. */
  fetch: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('range'), edge: z.string(), file: name, offset: count, length: count, ...answer }),
    z.object({ kind: z.literal('head'), edge: z.string(), file: name, length: count, ...answer }),
    z.object({ kind: z.literal('manifest'), trackId: name, ...answer }),
  ]),
  /** What the loudspeaker granted, and how it does once a second. */
  sink: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('opened'),
      code: z.nullable(code),
      rate: z.nullable(count),
      bufferFrames: z.nullable(count),
      periodFrames: z.nullable(count),
      canRewind: z.boolean(),
    }),
    z.object({ kind: z.literal('lost'), code }),
    z.object({ kind: z.literal('reported'), delayFrames: z.number(), underruns: count }),
  ]),
  /** Of the speaker's own door: that something was asked, not what. */
  door: z.discriminatedUnion('kind', [z.object({ kind: z.literal('asked'), path: name, isDone: z.boolean() })]),
  store: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('loaded'),
      sessions: z.array(record),
      performed: z.array(record),
      speakers: z.array(record),
    }),
  ]),
  identity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('idOf'), key: name, id: name }),
    z.object({ kind: z.literal('checked'), key: name, isSigned: z.boolean() }),
  ]),
  paired: z.discriminatedUnion('kind', [z.object({ kind: z.literal('found'), id: name, speaker: z.nullable(record) })]),
  household: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('asked'), request: count, what: body, how: record }),
    z.object({ kind: z.literal('answered'), request: count, code: z.nullable(code) }),
    z.object({ kind: z.literal('shown'), accountId: name, trackIds: z.array(name) }),
    z.object({ kind: z.literal('forgotten'), speakerId: name }),
    z.object({ kind: z.literal('renamed'), speakerId: name, name }),
  ]),
} as const;

const at = { t: count };

/** One line after the header. */
export const flightEntrySchema = z.discriminatedUnion('port', [
  z.object({ ...at, port: z.literal('clock'), event: events.clock }),
  z.object({ ...at, port: z.literal('random'), event: events.random }),
  z.object({ ...at, port: z.literal('settings'), event: events.settings }),
  z.object({ ...at, port: z.literal('memory'), event: events.memory }),
  z.object({ ...at, port: z.literal('ownership'), event: events.ownership }),
  z.object({ ...at, port: z.literal('network'), event: events.network }),
  z.object({ ...at, port: z.literal('button'), event: events.button }),
  z.object({ ...at, port: z.literal('discovery'), event: events.discovery }),
  z.object({ ...at, port: z.literal('dialer'), event: events.dialer }),
  z.object({ ...at, port: z.literal('link'), event: events.link }),
  z.object({ ...at, port: z.literal('engine'), event: events.engine }),
  z.object({ ...at, port: z.literal('fetch'), event: events.fetch }),
  z.object({ ...at, port: z.literal('sink'), event: events.sink }),
  z.object({ ...at, port: z.literal('door'), event: events.door }),
  z.object({ ...at, port: z.literal('store'), event: events.store }),
  z.object({ ...at, port: z.literal('identity'), event: events.identity }),
  z.object({ ...at, port: z.literal('paired'), event: events.paired }),
  z.object({ ...at, port: z.literal('household'), event: events.household }),
]);
/** One thing that happened; `t` is µs since the recording's start. */
export type FlightEntry = Infer<typeof flightEntrySchema>;
/** By which port it came in, or went out. */
export type FlightPort = FlightEntry['port'];

export interface FlightRecord {
  readonly header: FlightHeader;
  readonly entries: readonly FlightEntry[];
  /** The last line was cut off, as by a power cut while it was written; it is left out. */
  readonly isTorn: boolean;
}

/** @returns `input.invalid`, `input.too-large` or `input.out-of-order`, whose field is `LINE` or `LINE.path.in.it`, lines from 1 */
export function parseFlightRecord(text: string): Result<FlightRecord, TonearmError> {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  if (lines.length > FLIGHT_LINES_MAX) return fault('input.too-large', FLIGHT_LINES_MAX + 1, 'more lines than allowed');
  const head = parseLine(flightHeaderSchema, lines[0] ?? last, 1);
  if (!head.ok) return head;
  const entries: FlightEntry[] = [];
  let before = 0;
  for (const [place, line] of lines.entries()) {
    if (place === 0) continue;
    const entry = parseLine(flightEntrySchema, line, place + 1);
    if (!entry.ok) return entry;
    const { t } = entry.value;
    if (t < before)
      return fault('input.out-of-order', place + 1, `it happened ${before - t} µs before the line above`, 't');
    before = t;
    entries.push(entry.value);
  }
  if (last === '' || lines.length === 0) return ok({ header: head.value, entries, isTorn: false });
  // What is whole but for its line feed is taken.
  const torn = parseLine(flightEntrySchema, last, lines.length + 1);
  if (torn.ok && torn.value.t >= before) entries.push(torn.value);
  return ok({ header: head.value, entries, isTorn: !torn.ok });
}

function parseLine<Value>(schema: z.ZodMiniType<Value>, line: string, number: number): Result<Value, TonearmError> {
  if (line.length > FLIGHT_LINE_LENGTH_MAX) {
    return fault('input.too-large', number, `${line.length} characters, allowed are ${FLIGHT_LINE_LENGTH_MAX}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fault('input.invalid', number, 'not JSON');
  }
  const parsed = parseValue(schema, value, `line ${number} of the flight record`);
  if (parsed.ok) return parsed;
  const { code: errorCode, message, field } = parsed.error;
  return refused(
    new TonearmError(errorCode, message, { field: field === undefined ? `${number}` : `${number}.${field}` }),
  );
}

function fault(
  errorCode: 'input.invalid' | 'input.too-large' | 'input.out-of-order',
  line: number,
  why: string,
  field?: string,
): { readonly ok: false; readonly error: TonearmError } {
  const where = field === undefined ? '' : `: field "${field}"`;
  const path = field === undefined ? `${line}` : `${line}.${field}`;
  return refused(new TonearmError(errorCode, `line ${line} of the flight record${where}: ${why}`, { field: path }));
}
