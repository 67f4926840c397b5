/** MQTT's topic filters (3.1.1, section 4.7), pure: which topics one matches, and which filters it holds. */

/** Characters of a topic that anybody here uses; MQTT would allow 65,535 bytes. */
export const TOPIC_LENGTH_MAX = 256;
export const TOPIC_LEVELS_MAX = 12;

/** A topic that can be published to: no wildcards, no control characters, not one of the broker's own. */
export function isTopic(topic: string): boolean {
  return isWellFormed(topic) && !/[+#]/.test(topic);
}

/** A filter that can be subscribed to. */
export function isFilter(filter: string): boolean {
  if (!isWellFormed(filter)) return false;
  const levels = filter.split('/');
  const isLevel = (level: string, place: number) =>
    level === '+' || (level === '#' && place === levels.length - 1) || !/[+#]/.test(level);
  return levels.every(isLevel);
}

/** @param filter and topic: well-formed */
export function matchesTopic(filter: string, topic: string): boolean {
  return holdsFilter(filter, topic);
}

/** Whether every topic that `narrow` matches is one that `wide` matches. */
export function holdsFilter(wide: string, narrow: string): boolean {
  const wideLevels = wide.split('/');
  const narrowLevels = narrow.split('/');
  for (const [place, level] of wideLevels.entries()) {
    if (level === '#') return true;
    const other = narrowLevels[place];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return wideLevels.length === narrowLevels.length;
}

function isWellFormed(text: string): boolean {
  if (text.length === 0 || text.length > TOPIC_LENGTH_MAX || text.startsWith('$')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  return !/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(text) && text.split('/').length <= TOPIC_LEVELS_MAX;
}
