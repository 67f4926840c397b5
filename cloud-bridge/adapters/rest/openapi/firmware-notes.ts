/** Updates, described. */
import { blockMapSchema, updateOfferSchema, updateReportSchema } from '#protocol/wire/update';
import {
  UPDATE_ARTIFACT_PATH,
  UPDATE_BLOCKS_PATH,
  UPDATE_OFFER_PATH,
  UPDATE_REPORT_PATH,
} from '#protocol/wire/versions';
import { archParams, firmwareView, hashParams, offerQuery, rolloutBody, versionParams } from '../firmware-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

export const firmwareNotes: RouteNotes = {
  [`GET ${UPDATE_OFFER_PATH}/:arch`]: {
    summary: 'The newest signed release for the speaker that asks; 204: none',
    path: archParams,
    query: offerQuery,
    answers: { 200: updateOfferSchema, 204: null },
  },
  [`GET ${UPDATE_BLOCKS_PATH}/:sha256`]: {
    summary: 'The map of an artifact’s blocks',
    path: hashParams,
    answers: { 200: blockMapSchema },
  },
  [`GET ${UPDATE_ARTIFACT_PATH}/:sha256`]: {
    summary: 'The bytes of an artifact, also by range',
    path: hashParams,
    answers: { 200: 'application/octet-stream', 206: 'application/octet-stream' },
  },
  [`POST ${UPDATE_REPORT_PATH}`]: {
    summary: 'How far a speaker is with an update',
    body: updateReportSchema,
    answers: { 204: null },
  },
  'GET /tonearm/v1/firmware': {
    summary: 'Releases, to whom they go, and what each speaker runs',
    answers: { 200: firmwareView },
  },
  'PUT /tonearm/v1/firmware/rollouts/:version': {
    summary: 'Offer a release to so many of a hundred speakers; again with more, or after a halt',
    path: versionParams,
    body: rolloutBody,
    answers: { 204: null },
  },
  'DELETE /tonearm/v1/firmware/rollouts/:version': {
    summary: 'Halt it: nobody else gets it',
    path: versionParams,
    answers: { 204: null },
  },
};
