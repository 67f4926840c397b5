// @ts-check
/** What the address bar says to show. Pure. */

/** @typedef {{ kind: 'albums' } | { kind: 'tracks' } | { kind: 'album', id: string } | { kind: 'search', words: string }} Route */

/**
 * @param {string} hash as `location.hash`
 * @returns {Route} albums for what is unknown
 */
export function routeOf(hash) {
  const [, kind = '', rest = ''] = /^#\/([a-z]*)\/?(.*)$/.exec(hash) ?? [];
  if (kind === 'tracks') return { kind };
  const text = decode(rest);
  if (kind === 'album' && /^[0-9A-Za-z]{1,64}$/.test(text)) return { kind, id: text };
  if (kind === 'search' && text.trim() !== '') return { kind, words: text.trim() };
  return { kind: 'albums' };
}

/** @param {string} words */
export function searchHash(words) {
  return words.trim() === '' ? '#/' : `#/search/${encodeURIComponent(words.trim().toWellFormed())}`;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
