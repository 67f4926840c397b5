/** Signing in, people and tokens, described. */
import {
  addPersonBody,
  authorizeQuery,
  changePersonBody,
  decideAuthorizeBody,
  decideDeviceBody,
  deviceBody,
  deviceLookView,
  deviceView,
  grantParams,
  grantsView,
  linkBody,
  linkTokenBody,
  linkView,
  lookedLinkView,
  meView,
  passwordBody,
  peopleView,
  personParams,
  personView,
  redirectView,
  revokeBody,
  signInBody,
  tokenBody,
  tokenView,
  useLinkBody,
  userCodeBody,
} from '../account-inputs.ts';
import type { RouteNotes } from './route-notes.ts';

const done = { 204: null };

const oauth: RouteNotes = {
  'GET /.well-known/oauth-authorization-server': {
    summary: 'What the authorisation server can do (RFC 8414)',
    answers: { 200: 'application/json' },
  },
  'GET /authorize': {
    summary: 'A program asks for a code; the page asks the person',
    query: authorizeQuery,
    answers: { 200: 'text/html', 302: null },
  },
  'POST /api/token': {
    summary: 'Tokens for a code, a refresh token or a device code; also as a form, as OAuth has it',
    body: tokenBody,
    answers: { 200: tokenView },
  },
  'POST /api/device': {
    summary: 'A device without a browser asks to be let in (RFC 8628)',
    body: deviceBody,
    answers: { 200: deviceView },
  },
  'POST /api/revoke': {
    summary: 'Ends a refresh token and all that came of it',
    body: revokeBody,
    answers: { 200: null },
  },
};

const signIn: RouteNotes = {
  'POST /tonearm/v1/sign-in': { summary: 'Signs the page in by name and password', body: signInBody, answers: done },
  'POST /tonearm/v1/sign-out': { summary: 'Signs the page out', answers: done },
  'POST /tonearm/v1/links/look': {
    summary: 'Whose a link is, without using it',
    body: linkTokenBody,
    answers: { 200: lookedLinkView },
  },
  'POST /tonearm/v1/links/use': { summary: 'Signs the page in by a link', body: useLinkBody, answers: done },
  'PUT /tonearm/v1/me/password': {
    summary: 'A new password; all other devices of the person are signed out',
    body: passwordBody,
    answers: done,
  },
  'POST /tonearm/v1/devices/look': {
    summary: 'Which program waits under a code',
    body: userCodeBody,
    answers: { 200: deviceLookView },
  },
  'POST /tonearm/v1/devices/decide': { summary: 'Lets it in, or not', body: decideDeviceBody, answers: done },
  'POST /tonearm/v1/authorize/decide': {
    summary: 'Gives a program its code, or not',
    body: decideAuthorizeBody,
    answers: { 200: redirectView },
  },
};

const people: RouteNotes = {
  'GET /tonearm/v1/me': { summary: 'Who asks', answers: { 200: meView } },
  'GET /tonearm/v1/me/grants': { summary: 'What one is signed in with', answers: { 200: grantsView } },
  'DELETE /tonearm/v1/me/grants/:id': { summary: 'Signs one of them out', path: grantParams, answers: done },
  'GET /tonearm/v1/people': { summary: 'The people of the house', answers: { 200: peopleView } },
  'POST /tonearm/v1/people': { summary: 'Adds somebody', body: addPersonBody, answers: { 201: personView } },
  'PATCH /tonearm/v1/people/:id': {
    summary: 'Renames somebody, or gives another role',
    path: personParams,
    body: changePersonBody,
    answers: { 200: personView },
  },
  'DELETE /tonearm/v1/people/:id': {
    summary: 'Somebody goes, and is signed out everywhere',
    path: personParams,
    answers: done,
  },
  'POST /tonearm/v1/people/:id/links': {
    summary: 'A link that signs somebody in',
    path: personParams,
    body: linkBody,
    answers: { 201: linkView },
  },
};

export const accountNotes: RouteNotes = { ...oauth, ...signIn, ...people };
