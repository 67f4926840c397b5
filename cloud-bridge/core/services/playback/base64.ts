/** Base64 with padding (RFC 4648 section 4), for keys in manifests; a core has no `Buffer`. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3);
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    text += ALPHABET.charAt(bits >>> 18) + ALPHABET.charAt((bits >>> 12) & 63);
    text += two === undefined ? '=' : ALPHABET.charAt((bits >>> 6) & 63);
    text += three === undefined ? '=' : ALPHABET.charAt(bits & 63);
  }
  return text;
}
