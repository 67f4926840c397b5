/** The speakers of this house: renamed, given to another person, forgotten. Pairing has routes of its own. */
import type { FastifyInstance } from 'fastify';
import type { PairedSpeaker } from '#bridge/core/ports/paired-speakers';
import type { SpeakerRegistry } from '#bridge/core/services/speakers/speaker-registry';
import { base64url } from '#protocol/kit/base64url';
import { bodyOf, paramsOf, queryOf, unwrap } from './request-parts.ts';
import { changeSpeakerBody, speakerParams, speakersQuery } from './speaker-inputs.ts';

const BASE = '/tonearm/v1/speakers';
const SPEAKERS = { config: { scopes: ['tonearm-speakers'] } } as const;

export interface SpeakerRoutesPorts {
  readonly speakers: SpeakerRegistry;
}

export function addSpeakerRoutes(app: FastifyInstance, { speakers }: SpeakerRoutesPorts): void {
  app.get(BASE, SPEAKERS, async (request) => {
    const page = queryOf(speakersQuery, request);
    const { items, total } = await speakers.page(page);
    return { items: items.map(viewSpeaker), total, ...page };
  });
  app.get(`${BASE}/:id`, SPEAKERS, async (request) => {
    const { id } = paramsOf(speakerParams, request);
    return viewSpeaker(unwrap(await speakers.find(id)));
  });
  app.patch(`${BASE}/:id`, SPEAKERS, async (request) => {
    const { id } = paramsOf(speakerParams, request);
    const { name, ownerId } = bodyOf(changeSpeakerBody, request);
    const change = { ...(name === undefined ? {} : { name }), ...(ownerId === undefined ? {} : { ownerId }) };
    return viewSpeaker(unwrap(await speakers.change(id, change)));
  });
  app.delete(`${BASE}/:id`, SPEAKERS, async (request, reply) => {
    const { id } = paramsOf(speakerParams, request);
    unwrap(await speakers.forget(id));
    return reply.code(204).send();
  });
}

function viewSpeaker({ id, name, ownerId, publicKey, pairedAtMs }: PairedSpeaker): object {
  return { id, name, ownerId, publicKey: base64url(publicKey), pairedAtMs };
}
