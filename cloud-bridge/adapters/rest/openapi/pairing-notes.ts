/** Pairing, described. */
import { pairingHouseSchema, pairingLinkSchema } from '#protocol/wire/pairing';
import { candidatesView, pairBody, pairedView, pairingLinkView } from '../pairing-inputs.ts';
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
  'GET /tonearm/v1/pairings/links': {
    summary: 'What `tonearm speaker pair --bridge` is given, with this bridge’s key',
    answers: { 200: pairingLinkView },
  },
  'POST /tonearm/v1/pairings/links': {
    summary: 'A speaker that its owner let in by the device grant is taken into the house',
    body: pairingLinkSchema,
    answers: { 201: pairingHouseSchema },
  },
};
