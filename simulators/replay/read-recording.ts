/** A flight record from its file. */
import { readFile, stat } from 'node:fs/promises';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FlightRecord, parseFlightRecord } from '#protocol/wire/flight-record';

/** A recorder's ring, written out, is a few of them. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** @throws TonearmError `input.*` that names the file, and in it the line and the field */
export async function readRecording(file: string): Promise<FlightRecord> {
  const text = await readText(file);
  const parsed = parseFlightRecord(text);
  if (parsed.ok) return parsed.value;
  const { code, message, field } = parsed.error;
  throw new TonearmError(code, `${file}: ${message}`, field === undefined ? {} : { field });
}

async function readText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TonearmError('input.invalid', `${file} cannot be read: ${reason}`, { field: 'FILE', cause });
  }
}
