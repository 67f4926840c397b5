/**
 * The golden vectors as files: messages that every door must read, and messages that every door must refuse. Spec
 * section 12. For tests of whoever has a door; nothing that runs in a home reads them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '#protocol/vocabulary/errors';

export const VECTOR_FAMILIES = [
  'hello',
  'command',
  'answer',
  'hints',
  'playback-state',
  'track-list',
  'heartbeat',
  'manifest',
  'household',
  'phone-request',
  'error-body',
  'store-check',
  'edge-report',
  'content-token',
  'bus',
  'pairing',
  'flight',
  'update',
] as const;
/** One file of valid and one of invalid vectors each. */
export type VectorFamily = (typeof VECTOR_FAMILIES)[number];

/**
 * Whose door reads it: a speaker's and a bridge's Connect socket, a phone's events socket, what a phone says there and
 * what is answered, a manifest fetched over
 * HTTP, an error anywhere, how far a check of the store is, a speaker's report on edges, the claims of a content token,
 * the revocations that edges poll, what travels over MQTT, pairing's questions, answers and sealed texts,
 * and what is signed, told and reported of updates.
 */
export type VectorDoor =
  | 'speaker'
  | 'bridge'
  | 'phone'
  | 'phones'
  | 'asker'
  | 'manifest'
  | 'error'
  | 'check'
  | 'edge-report'
  | 'token'
  | 'revocations'
  | 'bus-command'
  | 'bus-answer'
  | 'bus-speaker'
  | 'node'
  | 'pairing-begin'
  | 'pairing-begun'
  | 'pairing-confirm'
  | 'pairing-confirmed'
  | 'pairing-finish'
  | 'pairing-finished'
  | 'pairing-bridge'
  | 'pairing-speaker'
  | 'flight-header'
  | 'flight-entry'
  | 'update-root'
  | 'update-manifest'
  | 'update-stamp'
  | 'update-offer'
  | 'update-blocks'
  | 'update-report';

export interface ValidVector {
  readonly name: string;
  readonly family: VectorFamily;
  /** As it travels. */
  readonly text: string;
  /** What reading it yields, as JSON; differs from the text where it has fields that nobody knows yet. */
  readonly read: unknown;
}

export interface InvalidVector {
  readonly name: string;
  readonly family: VectorFamily;
  readonly text: string;
  readonly code: ErrorCode;
  /** The field that the error must name; undefined when no single one is at fault. */
  readonly field: string | undefined;
}

export interface GoldenVectors {
  readonly valid: readonly ValidVector[];
  readonly invalid: readonly InvalidVector[];
}

interface Entry {
  readonly name: string;
  readonly at: readonly VectorDoor[];
  readonly message?: unknown;
  readonly text?: string;
  readonly read?: unknown;
  readonly code?: ErrorCode;
  readonly field?: string;
}

const FOLDER = join(import.meta.dirname, '../vectors');

/** All vectors of one door, of every family. */
export function loadGoldenVectors(door: VectorDoor): GoldenVectors {
  const valid: ValidVector[] = [];
  const invalid: InvalidVector[] = [];
  for (const family of VECTOR_FAMILIES) {
    for (const entry of entriesAt(door, family, 'valid')) {
      valid.push({ name: entry.name, family, text: textOf(entry), read: entry.read ?? entry.message });
    }
    for (const entry of entriesAt(door, family, 'invalid')) {
      if (entry.code === undefined) throw new Error(`invalid vector "${entry.name}" says no code`);
      invalid.push({ name: entry.name, family, text: textOf(entry), code: entry.code, field: entry.field });
    }
  }
  return { valid, invalid };
}

function entriesAt(door: VectorDoor, family: VectorFamily, kind: 'valid' | 'invalid'): readonly Entry[] {
  const entries = JSON.parse(readFileSync(join(FOLDER, `${family}.${kind}.json`), 'utf8')) as Entry[];
  return entries.filter((entry) => entry.at.includes(door));
}

function textOf(entry: Entry): string {
  return entry.text ?? JSON.stringify(entry.message);
}
