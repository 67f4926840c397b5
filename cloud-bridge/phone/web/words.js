// @ts-check
/** Refusals in words that help, by their stable code; the bridge's own sentence where we know no better one. Pure. */

/** @type {Record<string, string>} */
const SENTENCES = {
  'session.no-active-speaker': 'Choose a speaker first.',
  'session.speaker-not-found': 'That speaker is not there any more.',
  'session.deadline-passed': 'The speaker did not answer in time. Is it still on?',
  'session.nothing-to-play': 'There is nothing to play here yet.',
  'session.no-next-track': 'That was the last track.',
  'session.no-previous-track': 'This is the first track.',
  'session.not-playing': 'Nothing is playing.',
  'session.queue-full': 'The queue is full.',
  'session.superseded': 'Somebody else was faster; this is what plays now.',
  'session.busy': 'The speaker is busy; try again in a moment.',
  'content.preparing': 'This track is still being prepared. Try again in a moment.',
  'content.unreadable': 'This track’s file cannot be read.',
  'catalogue.not-found': 'That is not in the library any more.',
  'ingest.busy': 'Music is being added already; one folder at a time.',
  'ingest.folder-not-found': 'There is no such folder on the machine where the bridge runs.',
  'access.sign-in-needed': 'Sign in first.',
  'access.sign-in-refused': 'That is not right, or not any more.',
  'access.scope-missing': 'You may not do that in this house.',
  'access.last-owner': 'The last owner stays: make somebody else an owner first.',
  'access.rate-limited': 'That was a little fast. Try again in a moment.',
  'pairing.refused': 'That is not its code, or it is not open any more.',
  'pairing.closed': 'It cannot be added now. Start it anew, and it says a code.',
  'pairing.locked': 'Too many wrong codes. Run “tonearm speaker pair” on it.',
  'pairing.busy': 'Somebody else is adding it. Try again in a minute.',
  'pairing.owned': 'It belongs to another house, which has to let it go first.',
  'page.unreachable': 'The bridge does not answer. Trying again…',
};

/** @type {Record<string, string>} */
const CODE_BY_REASON = {
  NO_ACTIVE_DEVICE: 'session.no-active-speaker',
  NO_NEXT_TRACK: 'session.no-next-track',
  NO_PREV_TRACK: 'session.no-previous-track',
};

/**
 * @param {{ code?: string | undefined, reason?: string | undefined, message?: string | undefined }} error
 * @returns {string}
 */
export function sentenceFor(error) {
  const code = error.code ?? CODE_BY_REASON[error.reason ?? ''] ?? '';
  return SENTENCES[code] ?? error.message ?? 'That did not work.';
}
