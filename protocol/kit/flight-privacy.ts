/**
 * Takes out of a flight record whose home it was. Nothing passes because it looks harmless: every text is replaced, but for
 * words of a closed vocabulary in the fields that hold nothing else. What is replaced keeps its form, so that it is still a
 * track's id or an address, and the same text gets the same name all through one recording.
 *
 * The names come from a keyed hash whose key is chance and is kept nowhere, so that nobody can find out by trying.
 */

import { isErrorCode } from '#protocol/vocabulary/errors';
import { base62Of, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { base64url } from './base64url.ts';
import { contextPlaceOf } from './queue-uid.ts';

/** @returns 64 bytes that tell nothing of the text, the same ones for the same text */
export type Pseudonym = (text: string) => Uint8Array;

const KEY_LENGTH = 43;
const SIGNATURE_LENGTH = 86;
/** Characters of a name for people: enough that no two of a house are alike. */
const SHORT_LENGTH = 8;
/** Words, not names: one of a list that this project writes. Whatever else stands in such a field is replaced. */
const WORD_FIELDS = new Set(['kind', 'role', 'repeat', 'mode', 'reason', 'door', 'codecs']);
const WORDS = new Set(
  `hello answer stateSnapshot stateDifference trackList heartbeat heartbeatAnswer timeProbe goodbye
   challenge welcome command stateRequest hints listRequest timeReply updateOffered named
   play resume pause next previous seek setVolume setShuffle setRepeat enqueue queueAdd queueRemove queueMove queueClear
   prepare commit release keep transfer accepted refused superseded
   stopped paused playing buffering off context track all one active standby queue shown opus
   load setNext setHints setBridge say stop ready position advanced ended starved failed nextFailed health
   stalled drew loaded recalled changed found lost announced dialled opened accepted received garbled sent unsent closing closed
   range head manifest reported told said asked answered forgotten renamed idOf checked speaker phone`.split(/\s+/),
);
/** Names of entries of the queue: those of the context only say which place is meant. */
const UID_FIELDS = new Set(['uid', 'uids', 'after', 'upNextUids']);
/** The account of a house that asks nobody who they are: a constant of the bridge's, the same in every home. */
const EVERY_HOUSE = 'house-owner';
/** Free text; nothing is decided by it. */
const PROSE_FIELDS = new Set(['message', 'title', 'field', 'output', 'reasonText']);
/** Kept of a service's TXT record: what a speaker decides by. */
const TXT_FIELDS = new Set(['id', 'tls', 'open', 'proto', 'txtvers']);
const ADDRESS = /^(wss?|https?):\/\//;
const URI = /^(tonearm|spotify):(album|artist|playlist|track):(.+)$/;
/** Of programs: numbers, and that there is more to it. */
const VERSION = /^(\d{1,6}(?:\.\d{1,6}){2})(-.*)?$/;
const PORT = /^\d{1,5}$/;

/** @returns the value with every text in it replaced or dropped; bytes become the text that stands for them */
export function withoutNames(value: unknown, pseudonym: Pseudonym): unknown {
  return strip(value, '', pseudonym);
}

function strip(value: unknown, field: string, pseudonym: Pseudonym): unknown {
  if (typeof value === 'string') return stripText(value, field, pseudonym);
  if (value instanceof Uint8Array) return replace(base64url(value), pseudonym);
  if (Array.isArray(value)) return value.map((it) => strip(it, field, pseudonym));
  if (typeof value !== 'object' || value === null) return value;
  const stripped: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (field === 'txt' && !TXT_FIELDS.has(key)) continue;
    stripped[key] = field === 'txt' ? stripTxt(key, inner, pseudonym) : strip(inner, key, pseudonym);
  }
  return stripped;
}

function stripText(text: string, field: string, pseudonym: Pseudonym): string {
  if (PROSE_FIELDS.has(field)) return '';
  if (WORD_FIELDS.has(field) && WORDS.has(text)) return text;
  if (field === 'code' && isErrorCode(text)) return text;
  if (UID_FIELDS.has(field) && contextPlaceOf(text) !== null) return text;
  const [, version, suffix] = (field === 'version' && VERSION.exec(text)) || [];
  if (version !== undefined) return suffix === undefined ? version : `${version}-x`;
  if (field === 'accountId' && text === EVERY_HOUSE) return text;
  return replace(text, pseudonym);
}

/** Digits are ports and versions of the contract; the id is the bridge's. */
function stripTxt(key: string, value: unknown, pseudonym: Pseudonym): unknown {
  if (key !== 'id' && typeof value === 'string' && PORT.test(value)) return value;
  return strip(value, key, pseudonym);
}

/** Another text of the same form. */
function replace(text: string, pseudonym: Pseudonym): string {
  if (text === '') return '';
  const bytes = pseudonym(text);
  const scheme = ADDRESS.exec(text)?.[1];
  // One name for an address by whichever scheme it is written, since the core makes one of the other.
  if (scheme !== undefined) return `${scheme}://${addressName(text, pseudonym)}.invalid`;
  const [, space, kind, id] = URI.exec(text) ?? [];
  if (space !== undefined && kind !== undefined && id !== undefined)
    return `${space}:${kind}:${replace(id, pseudonym)}`;
  if (ID_PATTERNS.base62.test(text)) return base62Of(bytes);
  if (ID_PATTERNS.sha256.test(text))
    return [...bytes.subarray(0, 32)].map((it) => it.toString(16).padStart(2, '0')).join('');
  if (text.length === KEY_LENGTH && ID_PATTERNS.token.test(text)) return base64url(bytes.subarray(0, 32));
  if (text.length === SIGNATURE_LENGTH) return base64url(bytes.subarray(0, 64));
  if (ID_PATTERNS.token.test(text)) return `x${base64url(bytes.subarray(0, 16)).slice(0, -1)}`;
  return hex(bytes).slice(0, SHORT_LENGTH);
}

function addressName(text: string, pseudonym: Pseudonym): string {
  return hex(pseudonym(text.replace(ADDRESS, ''))).slice(0, SHORT_LENGTH);
}

function hex(bytes: Uint8Array): string {
  return [...bytes.subarray(0, SHORT_LENGTH)].map((it) => it.toString(16).padStart(2, '0')).join('');
}
