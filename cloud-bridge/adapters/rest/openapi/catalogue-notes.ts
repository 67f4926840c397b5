/** The Web API's catalogue, and what is saved in it, described. */
import {
  albumParams,
  artistParams,
  idsQuery,
  pageQuery,
  playlistParams,
  playlistQuery,
  searchQuery,
  trackParams,
  urisQuery,
} from '../catalogue-inputs.ts';
import type { RouteNotes } from './route-notes.ts';
import {
  albumPageAnswer,
  albumsAnswer,
  albumWithTracksAnswer,
  artistAnswer,
  artistsAnswer,
  containsAnswer,
  playlistItemsAnswer,
  playlistPageAnswer,
  playlistWithItemsAnswer,
  savedAlbumPageAnswer,
  savedTrackPageAnswer,
  searchAnswer,
  trackAnswer,
  trackPageAnswer,
  tracksAnswer,
  userAnswer,
} from './web-api-answers.ts';

const playlistItems = {
  path: playlistParams,
  query: playlistQuery,
  answers: { 200: playlistItemsAnswer },
} as const;

export const catalogueNotes: RouteNotes = {
  'GET /v1/me': { summary: 'Who asks', answers: { 200: userAnswer } },
  'GET /v1/search': {
    summary: 'Tracks, albums and artists by words',
    query: searchQuery,
    answers: { 200: searchAnswer },
  },
  'GET /v1/tracks': { summary: 'Several tracks', query: idsQuery, answers: { 200: tracksAnswer } },
  'GET /v1/tracks/:id': { summary: 'A track', path: trackParams, answers: { 200: trackAnswer } },
  'GET /v1/albums': { summary: 'Several albums', query: idsQuery, answers: { 200: albumsAnswer } },
  'GET /v1/albums/:id': {
    summary: 'An album and its first tracks',
    path: albumParams,
    answers: { 200: albumWithTracksAnswer },
  },
  'GET /v1/albums/:id/tracks': {
    summary: 'Tracks of an album, in order',
    path: albumParams,
    query: pageQuery,
    answers: { 200: trackPageAnswer },
  },
  'GET /v1/artists': { summary: 'Several artists', query: idsQuery, answers: { 200: artistsAnswer } },
  'GET /v1/artists/:id': { summary: 'An artist', path: artistParams, answers: { 200: artistAnswer } },
  'GET /v1/artists/:id/albums': {
    summary: 'Albums of an artist',
    path: artistParams,
    query: pageQuery,
    answers: { 200: albumPageAnswer },
  },
  'GET /v1/artists/:id/top-tracks': {
    summary: 'Some tracks of an artist; nobody counts which are played most',
    path: artistParams,
    answers: { 200: tracksAnswer },
  },
  'GET /v1/me/tracks': {
    summary: 'All tracks, the newest in the library first',
    query: pageQuery,
    answers: { 200: savedTrackPageAnswer },
  },
  'GET /v1/me/albums': {
    summary: 'All albums, the newest in the library first',
    query: pageQuery,
    answers: { 200: savedAlbumPageAnswer },
  },
  'GET /v1/me/library/contains': {
    summary: 'Which of these are in the library',
    query: urisQuery,
    answers: { 200: containsAnswer },
  },
  'GET /v1/me/tracks/contains': {
    summary: 'Which of these tracks are in the library',
    query: idsQuery,
    answers: { 200: containsAnswer },
  },
  'GET /v1/me/albums/contains': {
    summary: 'Which of these albums are in the library',
    query: idsQuery,
    answers: { 200: containsAnswer },
  },
  'GET /v1/me/playlists': {
    summary: 'Playlists that are kept beside the music, by name',
    query: pageQuery,
    answers: { 200: playlistPageAnswer },
  },
  'GET /v1/playlists/:id': {
    summary: 'A playlist and its first tracks',
    path: playlistParams,
    answers: { 200: playlistWithItemsAnswer },
  },
  'GET /v1/playlists/:id/items': { ...playlistItems, summary: 'Tracks of a playlist, in order' },
  'GET /v1/playlists/:id/tracks': { ...playlistItems, summary: 'The same, by the name that it had until 2026' },
};
