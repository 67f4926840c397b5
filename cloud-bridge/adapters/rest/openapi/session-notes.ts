/** The session's routes, described. */
import * as z from 'zod/mini';
import { commandIdSchema } from '#protocol/wire/schema';
import {
  queueAddBody,
  queueMoveBody,
  queueRemoveQuery,
  sessionDeviceQuery,
  sessionPageQuery,
  sessionQueueAnswer,
  sessionQueueQuery,
  sessionTracksAnswer,
} from '../session-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

const commandHeaders = z.object({ 'idempotency-key': z.optional(commandIdSchema) });
const command = { headers: commandHeaders, answers: { 204: null } };

export const sessionNotes: RouteNotes = {
  'GET /tonearm/v1/session/tracks': {
    summary: 'The context that plays, in its own order, page by page',
    query: sessionPageQuery,
    answers: { 200: sessionTracksAnswer },
  },
  'GET /tonearm/v1/session/queue': {
    summary: 'What plays and what comes next, each entry with its name',
    query: sessionQueueQuery,
    answers: { 200: sessionQueueAnswer },
  },
  'POST /tonearm/v1/session/queue': {
    ...command,
    summary: 'Puts tracks behind those that wait, or in front of them',
    query: sessionDeviceQuery,
    body: queueAddBody,
  },
  'PATCH /tonearm/v1/session/queue': {
    ...command,
    summary: 'Puts an entry behind another, or in front',
    query: sessionDeviceQuery,
    body: queueMoveBody,
  },
  'DELETE /tonearm/v1/session/queue': {
    ...command,
    summary: 'Takes entries out, or all that people have put in',
    query: queueRemoveQuery,
  },
};
