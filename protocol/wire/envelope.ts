/** Text in, message out, for every socket of ours. Spec section 3. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { parseValue, type Schema } from './schema.ts';

/** A message's limit in UTF-16 units, which for JSON of ours is its bytes. Room for a queue of 1,000 tracks (25 kB), twice over. */
export const MESSAGE_LENGTH_MAX = 65_536;

/**
 * Reads one message.
 * @returns `input.too-large`, or `input.invalid` with the field at fault; the text itself is never in the error
 */
export function parseMessage<Value>(schema: Schema<Value>, text: string, subject: string): Result<Value, TonearmError> {
  if (text.length > MESSAGE_LENGTH_MAX) {
    return refused(
      new TonearmError('input.too-large', `${subject}: ${text.length} characters, allowed are ${MESSAGE_LENGTH_MAX}`),
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(new TonearmError('input.invalid', `${subject}: not JSON`));
  }
  return parseValue(schema, value, subject);
}

/** A message as the text that goes on the socket. */
export function encodeMessage(message: { readonly kind: string }): string {
  return JSON.stringify(message);
}
