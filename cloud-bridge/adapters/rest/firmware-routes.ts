/**
 * Updates: for speakers, offers and what they are made of (spec section 16); for owners, which releases there are, to whom
 * they go, and how they go.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import type { FirmwareDesk, ReleaseView } from '#bridge/core/services/firmware/firmware-desk';
import { TonearmError } from '#protocol/vocabulary/errors';
import { bytes } from '#protocol/vocabulary/units';
import { updateReportSchema } from '#protocol/wire/update';
import {
  UPDATE_ARTIFACT_PATH,
  UPDATE_BLOCKS_PATH,
  UPDATE_OFFER_PATH,
  UPDATE_REPORT_PATH,
} from '#protocol/wire/versions';
import { askingSpeaker, askSpeaker } from './asking-speaker.ts';
import { archParams, hashParams, offerQuery, rolloutBody, versionParams } from './firmware-inputs.ts';
import { CONTENT_STALLED_AFTER } from './http-limits.ts';
import { bodyOf, paramsOf, queryOf, unwrap } from './request-parts.ts';
import { describeRange, sendPieces } from './stored-reply.ts';

export interface FirmwareRoutesPorts {
  /** Absent: this bridge has no updates to offer. */
  readonly firmware?: FirmwareDesk;
  /** Absent: speakers are not asked who they are. */
  readonly gate?: SpeakerGate;
}

const PUBLIC = { config: { isPublic: true } } as const;
const OWNERS = { config: { scopes: ['tonearm-speakers'] } } as const;
/** Artifacts sent at once: music goes before updates. */
const RESPONSES_MAX = 32;

export function addFirmwareRoutes(app: FastifyInstance, { firmware, gate }: FirmwareRoutesPorts): void {
  if (firmware === undefined) return;
  addSpeakersRoutes(app, firmware, gate);
  app.get('/tonearm/v1/firmware', OWNERS, async () => {
    const releases = await firmware.releases();
    return { releases: releases.map(viewRelease), speakers: firmware.speakers() };
  });
  app.put('/tonearm/v1/firmware/rollouts/:version', OWNERS, async (request, reply) => {
    const { version } = paramsOf(versionParams, request);
    const { percent } = bodyOf(rolloutBody, request);
    unwrap(await firmware.publish(version, percent));
    return reply.code(204).send();
  });
  app.delete('/tonearm/v1/firmware/rollouts/:version', OWNERS, async (request, reply) => {
    unwrap(await firmware.halt(paramsOf(versionParams, request).version));
    return reply.code(204).send();
  });
}

function addSpeakersRoutes(app: FastifyInstance, firmware: FirmwareDesk, gate: SpeakerGate | undefined): void {
  let running = 0;
  app.get(`${UPDATE_OFFER_PATH}/:arch`, PUBLIC, async (request, reply) => {
    const asker = askingSpeaker(gate, request);
    const { arch } = paramsOf(archParams, request);
    const { seq } = queryOf(offerQuery, request);
    const offer = await firmware.offerFor(asker, { arch, seq });
    reply.header('cache-control', 'no-store');
    return offer === null ? reply.code(204).send() : offer;
  });
  app.get(`${UPDATE_BLOCKS_PATH}/:sha256`, PUBLIC, async (request, reply) => {
    askSpeaker(gate, request);
    const { sha256 } = paramsOf(hashParams, request);
    const text = await firmware.blocks(sha256);
    if (text === null) throw notFound(sha256);
    return reply
      .header('content-type', 'application/json')
      .header('content-length', Buffer.byteLength(text))
      .send(text);
  });
  app.get(`${UPDATE_ARTIFACT_PATH}/:sha256`, PUBLIC, async (request, reply) => {
    askSpeaker(gate, request);
    if (running >= RESPONSES_MAX) {
      reply.header('retry-after', 30);
      throw new TonearmError('content.overloaded', 'too many updates are being sent; try again in 30 s');
    }
    running += 1;
    reply.raw.once('close', () => {
      running -= 1;
    });
    return sendArtifact(firmware, request, reply);
  });
  app.post(UPDATE_REPORT_PATH, PUBLIC, async (request, reply) => {
    const asker = askingSpeaker(gate, request);
    const report = bodyOf(updateReportSchema, request);
    if (asker !== null) await firmware.report(asker, report);
    return reply.code(204).send();
  });
}

async function sendArtifact(
  firmware: FirmwareDesk,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { sha256 } = paramsOf(hashParams, request);
  const stored = await firmware.artifact(sha256);
  if (stored === null) throw notFound(sha256);
  const { offset, length } = describeRange(reply, request.headers.range, stored.sizeBytes);
  reply.header('cache-control', 'private, max-age=31536000, immutable');
  return sendPieces(reply, stored.read(bytes(offset), bytes(length)), CONTENT_STALLED_AFTER);
}

function viewRelease({ manifest, rollout, good, failed }: ReleaseView) {
  const { version, seq, arch, channel, createdMs, notes, artifact } = manifest;
  return { version, seq, arch, channel, sizeBytes: artifact.sizeBytes, createdMs, notes, rollout, good, failed };
}

function notFound(sha256: string): TonearmError {
  return new TonearmError('update.not-found', `there is no artifact ${sha256} here`, { field: 'sha256' });
}
