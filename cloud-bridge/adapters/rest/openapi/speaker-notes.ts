/** The speakers of the house, described. */

import { flightLeftView } from '../flight-routes.ts';
import {
  changeSpeakerBody,
  pairedSpeakersView,
  pairedSpeakerView,
  speakerParams,
  speakersQuery,
} from '../speaker-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

export const speakerNotes: RouteNotes = {
  'GET /tonearm/v1/speakers': {
    summary: 'The speakers that are paired with this house, by id',
    query: speakersQuery,
    answers: { 200: pairedSpeakersView },
  },
  'GET /tonearm/v1/speakers/:id': {
    summary: 'One of them',
    path: speakerParams,
    answers: { 200: pairedSpeakerView },
  },
  'PATCH /tonearm/v1/speakers/:id': {
    summary: 'Call it something else, or give it to another person of the house',
    path: speakerParams,
    body: changeSpeakerBody,
    answers: { 200: pairedSpeakerView },
  },
  'DELETE /tonearm/v1/speakers/:id': {
    summary: 'Forget it: it is sent away, belongs to nobody, and can be paired anew, here or in another house',
    path: speakerParams,
    answers: { 204: null },
  },
  'POST /tonearm/v1/flight-record': {
    summary: 'Write down what came in lately, without names, on the disk of the bridge (with --flight-recorder on)',
    answers: { 201: flightLeftView },
  },
};
