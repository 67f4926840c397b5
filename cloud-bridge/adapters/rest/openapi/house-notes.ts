/** Our own routes, described: library, ingest, check, access, content. */
import * as z from 'zod/mini';
import { revocationsSchema } from '#protocol/wire/content-token';
import { edgeReportSchema } from '#protocol/wire/edge-report';
import { householdSnapshotSchema, ingestViewSchema } from '#protocol/wire/household';
import { manifestSchema } from '#protocol/wire/manifest';
import { storeCheckViewSchema } from '#protocol/wire/store-check';
import {
  AUTHORISE_PATH,
  CONTENT_KEYS_PATH,
  EDGE_REPORT_PATH,
  FILE_PATH,
  HEAD_PATH,
  MANIFEST_PATH,
  REVOCATIONS_PATH,
} from '#protocol/wire/versions';
import {
  accountBody,
  accountParams,
  revocationBody,
  revocationsQuery,
  speakerBody,
  speakerParams,
} from '../access-routes.ts';
import { fileParams, manifestParams, manifestQuery } from '../content-routes.ts';
import {
  artParams,
  availabilityBody,
  changesQuery,
  checkBody,
  ingestBody,
  libraryAlbumParams,
  libraryPageQuery,
  libraryTrackParams,
  listQuery,
  showingBody,
} from '../library-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

const JSON_TYPE = 'application/json';
const BYTES = 'application/octet-stream';
const done = { 204: null };
const health = z.object({ status: z.literal('ok'), name: z.string(), version: z.string() });

const library: RouteNotes = {
  'GET /tonearm/v1/health': { summary: 'That it lives, and what it is called', answers: { 200: health } },
  'GET /tonearm/v1/household': {
    summary: 'All that phones show, as the events socket has it',
    answers: { 200: householdSnapshotSchema },
  },
  'PUT /tonearm/v1/showing': { summary: 'What a phone shows, as a hint', body: showingBody, answers: done },
  'GET /tonearm/v1/tracks': { summary: 'The library’s tracks', query: listQuery, answers: { 200: JSON_TYPE } },
  'GET /tonearm/v1/albums': { summary: 'The library’s albums', query: listQuery, answers: { 200: JSON_TYPE } },
  'GET /tonearm/v1/genres': { summary: 'Genres by name', query: libraryPageQuery, answers: { 200: JSON_TYPE } },
  'GET /tonearm/v1/tracks/:id/lyrics': {
    summary: 'The words of a track',
    path: libraryTrackParams,
    answers: { 200: JSON_TYPE },
  },
  'GET /tonearm/v1/tracks/:id/availability': {
    summary: 'Where and when a track may be played',
    path: libraryTrackParams,
    answers: { 200: availabilityBody },
  },
  'PUT /tonearm/v1/tracks/:id/availability': {
    summary: 'Says where and when a track may be played',
    path: libraryTrackParams,
    body: availabilityBody,
    answers: done,
  },
  'GET /tonearm/v1/albums/:id/availability': {
    summary: 'Where and when an album may be played',
    path: libraryAlbumParams,
    answers: { 200: availabilityBody },
  },
  'PUT /tonearm/v1/albums/:id/availability': {
    summary: 'Says where and when an album may be played',
    path: libraryAlbumParams,
    body: availabilityBody,
    answers: done,
  },
  'GET /tonearm/v1/ingest': { summary: 'How far the ingest is', answers: { 200: ingestViewSchema } },
  'POST /tonearm/v1/ingest': { summary: 'Takes a folder in', body: ingestBody, answers: { 202: ingestViewSchema } },
  'GET /tonearm/v1/library/changes': {
    summary: 'What scans have found lately',
    query: changesQuery,
    answers: { 200: JSON_TYPE },
  },
  'GET /tonearm/v1/art/:key': { summary: 'A picture', path: artParams, answers: { 200: 'image/jpeg' } },
  'GET /tonearm/v1/check': { summary: 'How far the check of the store is', answers: { 200: storeCheckViewSchema } },
  'POST /tonearm/v1/check': {
    summary: 'Begins a check of the store',
    body: checkBody,
    answers: { 202: storeCheckViewSchema },
  },
  'GET /tonearm/v1/edges': { summary: 'How the edges do', answers: { 200: JSON_TYPE } },
};

const access: RouteNotes = {
  'POST /tonearm/v1/access/revocations': { summary: 'Takes access away', body: revocationBody, answers: done },
  'DELETE /tonearm/v1/access/revocations/accounts/:accountId': {
    summary: 'Gives an account its access back',
    path: accountParams,
    answers: done,
  },
  'DELETE /tonearm/v1/access/revocations/speakers/:speakerId': {
    summary: 'Gives a speaker its access back',
    path: speakerParams,
    answers: done,
  },
  'GET /tonearm/v1/access/accounts': { summary: 'Accounts, as content knows them', answers: { 200: JSON_TYPE } },
  'PUT /tonearm/v1/access/accounts/:accountId': {
    summary: 'Describes an account',
    path: accountParams,
    body: accountBody,
    answers: done,
  },
  'PUT /tonearm/v1/access/speakers/:speakerId': {
    summary: 'Gives a speaker to an account',
    path: speakerParams,
    body: speakerBody,
    answers: done,
  },
};

const file = { path: fileParams, answers: { 200: BYTES, 206: BYTES } } as const;
const content: RouteNotes = {
  [`GET ${MANIFEST_PATH}/:trackId`]: {
    summary: 'How a track is fetched and opened',
    path: manifestParams,
    query: manifestQuery,
    answers: { 200: manifestSchema },
  },
  [`GET ${FILE_PATH}/:fileId`]: { ...file, summary: 'A sealed file, or ranges of it' },
  [`GET ${HEAD_PATH}/:fileId`]: { ...file, summary: 'The beginning of a sealed file' },
  [`GET ${AUTHORISE_PATH}`]: { summary: 'Whether a content token opens a file now', answers: done },
  [`GET ${CONTENT_KEYS_PATH}`]: {
    summary: 'The keys that content tokens are signed with',
    answers: { 200: JSON_TYPE },
  },
  [`GET ${REVOCATIONS_PATH}`]: {
    summary: 'What is revoked; 304: nothing new',
    query: revocationsQuery,
    answers: { 200: revocationsSchema, 304: null },
  },
  [`POST ${EDGE_REPORT_PATH}`]: { summary: 'How a speaker’s edges did', body: edgeReportSchema, answers: done },
};

export const houseNotes: RouteNotes = { ...library, ...access, ...content };
