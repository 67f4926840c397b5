/** Pairing, described. */
import { candidatesView, pairBody, pairedView } from '../pairing-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

export const pairingNotes: RouteNotes = {
  'GET /tonearm/v1/pairings/candidates': {
    summary: 'Speakers on the network that are not of this house, those that can be paired first',
    answers: { 200: candidatesView },
  },
  'POST /tonearm/v1/pairings': {
    summary: 'Take a speaker into the house by the code that it says',
    body: pairBody,
    answers: { 201: pairedView },
  },
};
