/** The playback memory's two kinds of record, as they lie in their files. What cannot be read is null: nobody can mend it. */
import * as z from 'zod/mini';
import { PERFORMED_REMEMBERED_MAX } from '#device/core/control/command-ledger';
import type { SoundLeft } from '#device/core/control/last-heard';
import type { RememberedPlayback } from '#device/core/ports/playback-memory';
import type { Frames } from '#protocol/vocabulary/units';
import { sessionStateSchema } from '#protocol/wire/playback-state';
import {
  commandIdSchema,
  counterSchema,
  framesSchema,
  parseValue,
  percentSchema,
  trackIdSchema,
} from '#protocol/wire/schema';

/** A thousand tracks of context and two hundred up next are 30 kB; a longer file is not ours. */
const TEXT_LENGTH_MAX = 256 * 1024;
const BOOT_ID_LENGTH_MAX = 64;
/** Every place fills the same bytes, so that nothing is left of a longer one; well within a sector, so never half written. */
const PLACE_BYTES = 256;

/** When something was written: monotonic microseconds, and since which start of the machine they count. */
interface Stamp {
  readonly bootId: string | null;
  readonly atUs: number;
}

export interface PlaybackRecord extends Stamp {
  /** Grows by one with each record. */
  readonly sequence: number;
  readonly playback: RememberedPlayback;
}

export interface PlaceRecord extends Stamp {
  /** Of the record whose track it is in. */
  readonly sequence: number;
  readonly positionFrames: Frames;
}

const stampFields = {
  bootId: z.nullable(z.string().check(z.maxLength(BOOT_ID_LENGTH_MAX))),
  atUs: z.number(),
};

/** Every trace fills the same bytes too, the last of them a newline. */
export const TRACE_BYTES = 192;

const recordSchema = z.object({
  ...stampFields,
  sequence: counterSchema,
  playback: z.object({
    epoch: counterSchema,
    volume: percentSchema,
    session: z.nullable(sessionStateSchema),
    generation: counterSchema,
    resumes: counterSchema,
    performed: z.optional(z.array(commandIdSchema).check(z.maxLength(PERFORMED_REMEMBERED_MAX))),
  }),
});

const placeSchema = z.object({ ...stampFields, sequence: counterSchema, positionFrames: framesSchema });

const traceSchema = z.object({
  ...stampFields,
  generation: counterSchema,
  trackId: trackIdSchema,
  positionFrames: framesSchema,
});

/** What a `SoundTrace` left. */
export interface TraceRecord extends Stamp, SoundLeft {}

export function encodeRecord(record: PlaybackRecord): string {
  return JSON.stringify(record);
}

export function parseRecord(text: string): PlaybackRecord | null {
  return parseText<PlaybackRecord>(recordSchema, text);
}

/** @returns always equally many bytes */
export function encodePlace(place: PlaceRecord): Buffer {
  return Buffer.from(`${JSON.stringify(place).padEnd(PLACE_BYTES - 1)}\n`);
}

export function parsePlace(text: string): PlaceRecord | null {
  return parseText<PlaceRecord>(placeSchema, text);
}

export function parseTrace(text: string): TraceRecord | null {
  return parseText<TraceRecord>(traceSchema, text);
}

function parseText<Value>(schema: Parameters<typeof parseValue<Value>>[0], text: string): Value | null {
  if (text.length > TEXT_LENGTH_MAX) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = parseValue<Value>(schema, value, 'playback memory');
  return parsed.ok ? parsed.value : null;
}
