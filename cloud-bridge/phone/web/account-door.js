// @ts-check
/** What the pages of people and of signing in ask the bridge; refusals come back as sentences. */
import { sentenceFor } from './words.js';

const DEADLINE_MS = 15_000;

/** `isSignInNeeded`: nobody is signed in here (any more). `message` is for people. */
export class DoorFailure extends Error {
  /**
   * @param {string} message
   * @param {boolean} isSignInNeeded
   */
  constructor(message, isSignInNeeded) {
    super(message);
    this.name = 'DoorFailure';
    this.isSignInNeeded = isSignInNeeded;
  }
}

/**
 * @param {string} method
 * @param {string} path below `/tonearm/v1/`
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer as JSON; null when it is empty
 */
export async function ask(method, path, body) {
  let answer;
  let text;
  try {
    answer = await fetch(`/tonearm/v1/${path}`, {
      method,
      cache: 'no-store',
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    text = await answer.text();
  } catch {
    throw new DoorFailure('The bridge does not answer.', false);
  }
  const json = text === '' ? null : JSON.parse(text);
  if (answer.ok) return json;
  throw new DoorFailure(sentenceFor(json?.error ?? {}), answer.status === 401);
}

/** @type {Record<string, string>} */
const SCOPE_WORDS = {
  'user-read-playback-state': 'see what plays, and where',
  'user-modify-playback-state': 'play, pause, skip and set the volume',
  'user-read-recently-played': 'see what was played',
  'tonearm-speakers': 'pair and forget speakers',
  'tonearm-library': 'add music and look after the library',
  'tonearm-accounts': 'add and remove people of this house',
};

/** @param {readonly string[]} scopes @returns {string[]} those worth a word */
export function wordsForScopes(scopes) {
  return scopes.flatMap((scope) => SCOPE_WORDS[scope] ?? []);
}
