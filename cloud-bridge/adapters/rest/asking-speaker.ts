/** Which speaker sent a request, for routes that only speakers ask for: what it proves (spec 4.9), and what it says of itself. */
import type { FastifyRequest } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import { OPEN_GATE, type SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { parseValue, speakerIdSchema } from '#protocol/wire/schema';
import { SPEAKER_HEADER } from '#protocol/wire/versions';
import { unwrap } from './request-parts.ts';

/** @returns null where nobody has to show it, and did not. @throws TonearmError `access.sign-in-needed` */
export function askSpeaker(gate: SpeakerGate | undefined, request: FastifyRequest): SpeakerId | null {
  return unwrap((gate ?? OPEN_GATE).identify(credentialsOf(request.headers).bearer));
}

/**
 * Who proves it, else who it says it is, where nobody is asked.
 * @throws TonearmError `access.sign-in-needed`, or `input.invalid` naming the header
 */
export function askingSpeaker(gate: SpeakerGate | undefined, request: FastifyRequest): SpeakerId | null {
  const asker = askSpeaker(gate, request);
  const said = saidSpeakerOf(request);
  if (asker !== null || said === null) return asker;
  const parsed = parseValue(speakerIdSchema, said, `header ${SPEAKER_HEADER}`);
  if (parsed.ok) return parsed.value;
  throw new TonearmError('input.invalid', parsed.error.message, { field: SPEAKER_HEADER });
}

/** Who the asker says it is, in whatever form: a token for another is refused. */
export function saidSpeakerOf(request: FastifyRequest): string | null {
  const said = request.headers[SPEAKER_HEADER];
  return typeof said === 'string' && said !== '' ? said : null;
}
