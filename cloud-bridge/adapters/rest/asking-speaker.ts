/** Which speaker sent a request, for routes that only speakers ask for and that want no content token. Spec 4.9. */
import type { FastifyRequest } from 'fastify';
import { credentialsOf } from '#bridge/core/perimeter/credentials';
import { OPEN_GATE, type SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { unwrap } from './request-parts.ts';

/** @returns null where nobody has to show it, and did not. @throws TonearmError `access.sign-in-needed` */
export function askSpeaker(gate: SpeakerGate | undefined, request: FastifyRequest): SpeakerId | null {
  return unwrap((gate ?? OPEN_GATE).identify(credentialsOf(request.headers).bearer));
}
