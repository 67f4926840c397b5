/** Base64url without padding (RFC 4648 section 5): keys and signatures in messages. Written here since a core has no `Buffer`. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));
const BITS_PER_CHARACTER = 6;

export function base64url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3);
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    text += ALPHABET.charAt(bits >>> 18) + ALPHABET.charAt((bits >>> 12) & 63);
    if (two !== undefined) text += ALPHABET.charAt((bits >>> 6) & 63);
    if (three !== undefined) text += ALPHABET.charAt(bits & 63);
  }
  return text;
}

/** @returns null when it is none, or not the one way to write its bytes */
export function parseBase64url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * BITS_PER_CHARACTER) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) return null;
    bits = ((bits << BITS_PER_CHARACTER) | value) & 0xffff;
    held += BITS_PER_CHARACTER;
    if (held < 8) continue;
    held -= 8;
    bytes[length] = (bits >>> held) & 0xff;
    length += 1;
  }
  // A lone character says nothing, and what is left of the last one must be zeros.
  const isWhole = held < BITS_PER_CHARACTER && (bits & ((1 << held) - 1)) === 0;
  return isWhole ? bytes : null;
}
