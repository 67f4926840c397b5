// @ts-check
/** Values as people read them. Pure. */

/**
 * `1:05`, `1:02:03`; whole seconds, rounded down as a player's display does.
 * @param {number} timeMs
 */
export function clockTime(timeMs) {
  const seconds = Math.max(0, Math.floor(timeMs / 1000));
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * For a screen reader: `1 minute 5 seconds`.
 * @param {number} timeMs
 */
export function spokenTime(timeMs) {
  const seconds = Math.max(0, Math.floor(timeMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const part = (/** @type {number} */ count, /** @type {string} */ unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  return minutes === 0 ? part(seconds, 'second') : `${part(minutes, 'minute')} ${part(seconds % 60, 'second')}`;
}

/** @param {readonly string[]} artists */
export function artistLine(artists) {
  return artists.length === 0 ? 'Unknown artist' : artists.join(', ');
}

/**
 * The same colour for the same name, so that an album without a picture is still known at a glance.
 * @param {string} name
 * @returns {number} hue in degrees
 */
export function hueOf(name) {
  let hash = 2166136261;
  for (let place = 0; place < name.length; place += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(place), 16777619);
  }
  // Names that differ in their last letter alone are to differ in colour, too.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 13;
  return (hash >>> 0) % 360;
}

/**
 * Letters for a sleeve without a picture: of the first two words.
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words
    .slice(0, 2)
    .map((word) => Array.from(word.replace(/^[^\p{L}\p{N}]+/u, ''))[0] ?? '')
    .join('')
    .toUpperCase();
}
