/** The player's routes, described. */
import * as z from 'zod/mini';
import { commandIdSchema } from '#protocol/wire/schema';
import {
  deviceQuery,
  enqueueQuery,
  historyQuery,
  playBody,
  repeatQuery,
  seekQuery,
  shuffleQuery,
  transferBody,
  volumeQuery,
} from '../player-inputs.ts';
import type { RouteNotes } from './route-notes.ts';
import { devicesAnswer, historyAnswer, playerStateAnswer, queueAnswer } from './web-api-answers.ts';

/** The same key again gets the first answer again, and nothing is done twice. */
const commandHeaders = z.object({ 'idempotency-key': z.optional(commandIdSchema) });
const command = { headers: commandHeaders, answers: { 204: null } };

export const playerNotes: RouteNotes = {
  'GET /v1/me/player': { summary: 'What plays where; 204: nothing', answers: { 200: playerStateAnswer, 204: null } },
  'GET /v1/me/player/currently-playing': {
    summary: 'The same as the player',
    answers: { 200: playerStateAnswer, 204: null },
  },
  'GET /v1/me/player/devices': { summary: 'Speakers that can be commanded now', answers: { 200: devicesAnswer } },
  'GET /v1/me/player/queue': { summary: 'What plays and what comes next', answers: { 200: queueAnswer } },
  'GET /v1/me/player/recently-played': {
    summary: 'What was played, newest first',
    query: historyQuery,
    answers: { 200: historyAnswer },
  },
  'PUT /v1/me/player': { ...command, summary: 'Moves the music to another speaker', body: transferBody },
  'PUT /v1/me/player/play': {
    ...command,
    summary: 'Plays a context or a list, or goes on',
    query: deviceQuery,
    body: playBody,
  },
  'PUT /v1/me/player/pause': { ...command, summary: 'Pauses', query: deviceQuery },
  'POST /v1/me/player/next': { ...command, summary: 'To the next track', query: deviceQuery },
  'POST /v1/me/player/previous': {
    ...command,
    summary: 'To the previous track, or to the start of this one',
    query: deviceQuery,
  },
  'PUT /v1/me/player/seek': { ...command, summary: 'To a place in the track', query: seekQuery },
  'PUT /v1/me/player/repeat': { ...command, summary: 'Repeats the track, the context, or nothing', query: repeatQuery },
  'PUT /v1/me/player/shuffle': { ...command, summary: 'Shuffles what comes, or undoes it', query: shuffleQuery },
  'PUT /v1/me/player/volume': { ...command, summary: 'Sets a speaker’s volume', query: volumeQuery },
  'POST /v1/me/player/queue': { ...command, summary: 'Puts a track behind those that come next', query: enqueueQuery },
};
