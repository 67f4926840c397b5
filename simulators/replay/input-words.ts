/** What came in, in people's words, where it says anything to people. */
import type { FlightEntry } from '#protocol/wire/flight-record';
import type { ReportEvent } from '#sim/report/run-report';
import type { Labels } from './labels.ts';

export interface InputWords {
  readonly words: string;
  readonly kind: ReportEvent['kind'];
}

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;
/** A fetch that takes longer is one that a story is about. */
const SLOW_FETCH_US = 1_000_000;

/** @returns null for what would only make a story long: signs of life, positions, what is said out */
export function inputWords(entry: FlightEntry, labels: Labels): InputWords | null {
  switch (entry.port) {
    case 'clock':
      return { words: `has stood still for ${Math.round(entry.event.lateUs / US_PER_MS)} ms`, kind: 'fault' };
    case 'network':
      return { words: 'has other addresses', kind: 'fault' };
    case 'memory':
      return { words: recalledWords(entry.event.playback, labels), kind: 'log' };
    case 'ownership':
      return { words: ownershipWords(entry.event), kind: 'log' };
    case 'button':
      return { words: `is asked by a button: ${entry.event.body.kind}`, kind: 'command' };
    case 'discovery':
      return { words: `hears of the network: a bridge is ${entry.event.kind}`, kind: 'log' };
    case 'dialer':
      if (entry.event.kind === 'refused') return { words: `is refused (${entry.event.code})`, kind: 'fault' };
      return entry.event.kind === 'opened' ? { words: 'has a link', kind: 'mended' } : null;
    case 'link':
      return linkWords(entry.event, labels);
    case 'engine':
      return entry.event.kind === 'said' ? soundWords(entry.event.event, labels) : null;
    case 'fetch':
      return fetchWords(entry.event);
    case 'sink':
      return sinkWords(entry.event);
    case 'door':
      return { words: `is asked at its door: ${entry.event.isDone ? 'done' : 'refused'}`, kind: 'command' };
    case 'household':
      return houseWords(entry.event, labels);
    default:
      return null;
  }
}

/** What came well and soon would only make a story long. */
function fetchWords(event: Extract<FlightEntry, { port: 'fetch' }>['event']): InputWords | null {
  const took = `${(event.tookUs / US_PER_S).toFixed(1)} s`;
  if (event.code === 'fetch.cancelled') return null;
  if (event.code !== null)
    return { words: `cannot fetch a ${event.kind}: ${event.code}, after ${took}`, kind: 'fault' };
  return event.tookUs < SLOW_FETCH_US ? null : { words: `waits ${took} for a ${event.kind}`, kind: 'fault' };
}

function sinkWords(event: Extract<FlightEntry, { port: 'sink' }>['event']): InputWords | null {
  if (event.kind === 'reported') return null;
  if (event.kind === 'lost') return { words: `has lost its loudspeaker (${event.code})`, kind: 'fault' };
  return event.code === null
    ? { words: 'has opened its loudspeaker', kind: 'mended' }
    : { words: `cannot open its loudspeaker (${event.code})`, kind: 'fault' };
}

function recalledWords(playback: Readonly<Record<string, unknown>> | null, labels: Labels): string {
  const session = playback?.['session'];
  if (!isRecord(session) || !isRecord(session['playback'])) return 'remembers nothing that it played';
  const { kind, trackId } = session['playback'];
  return `remembers that it was ${String(kind)} ${labels.track(trackId)}`;
}

function ownershipWords(event: Extract<FlightEntry, { port: 'ownership' }>['event']): string {
  if (event.kind === 'changed') return 'has another owner';
  if (event.kind === 'failed') return `cannot read whose it is (${event.code})`;
  return event.ownership === null ? 'is nobody’s' : 'belongs to a house';
}

function linkWords(event: Extract<FlightEntry, { port: 'link' }>['event'], labels: Labels): InputWords | null {
  if (event.kind === 'accepted') return { words: `somebody comes to the door for ${event.door}s`, kind: 'log' };
  if (event.kind === 'garbled') return { words: `hears ${event.length} characters of nonsense`, kind: 'fault' };
  if (event.kind === 'unsent') return { words: `could not send: ${event.message.kind}`, kind: 'fault' };
  if (event.kind === 'closed') {
    return { words: `a link is closed (${event.code})`, kind: event.code === 1000 ? 'log' : 'fault' };
  }
  return event.kind === 'received' ? messageWords(event.message, labels) : null;
}

function messageWords(message: Message, labels: Labels): InputWords | null {
  switch (message.kind) {
    case 'command': {
      const what = isRecord(message['body']) ? String(message['body']['kind']) : 'something';
      return { words: `is told to ${what} (${labels.command(message['id'])})`, kind: 'command' };
    }
    case 'welcome':
      return { words: `is welcomed as ${String(message['role'])}`, kind: 'mended' };
    case 'goodbye':
      return { words: 'is told goodbye', kind: 'fault' };
    case 'hello':
      return { words: `hears hello from ${labels.speaker(idOf(message['speaker']))}`, kind: 'mended' };
    case 'answer': {
      const how = isRecord(message['outcome']) ? String(message['outcome']['kind']) : 'nothing';
      return { words: `hears that a command was ${how}`, kind: 'log' };
    }
    default:
      return null;
  }
}

function soundWords(event: Message, labels: Labels): InputWords | null {
  const track = labels.track(event['trackId']);
  switch (event.kind) {
    case 'ready':
      return { words: `its sound has ${track} ready`, kind: 'log' };
    case 'advanced':
      return { words: `its sound has gone on to ${track}`, kind: 'log' };
    case 'ended':
      return { words: `its sound has come to the end of ${track}`, kind: 'log' };
    case 'starved':
      return { words: 'its sound has run out of music', kind: 'fault' };
    case 'failed':
    case 'nextFailed': {
      const code = isRecord(event['error']) ? String(event['error']['code']) : '';
      return { words: `its sound cannot play ${track} (${code})`, kind: 'fault' };
    }
    default:
      return null;
  }
}

function houseWords(event: Extract<FlightEntry, { port: 'household' }>['event'], labels: Labels): InputWords | null {
  if (event.kind === 'asked') return { words: `is asked to ${event.what.kind}`, kind: 'command' };
  if (event.kind === 'forgotten') return { words: `forgets ${labels.speaker(event.speakerId)}`, kind: 'command' };
  if (event.kind === 'renamed') return { words: `renames ${labels.speaker(event.speakerId)}`, kind: 'command' };
  return null;
}

function idOf(speaker: unknown): unknown {
  return isRecord(speaker) ? speaker['id'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
