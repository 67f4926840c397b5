/** Values that are made of a key once and asked for again and again, of which no more than so many are held. */

/**
 * @param limit how many are held; the next one makes all others be forgotten, which costs less than knowing the oldest
 * @param make what it throws is thrown, and nothing is held
 */
export function createBoundedMemo<Key, Value extends object>(
  limit: number,
  make: (key: Key) => Value,
): (key: Key) => Value {
  const held = new Map<Key, Value>();
  return (key) => {
    const known = held.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (held.size >= limit) held.clear();
    held.set(key, made);
    return made;
  };
}
