/** The way back from an id to the bytes that it was made of: a recorded list keeps its name through a digest of our own. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_BYTES = 16;

/** @returns the 16 bytes of which `base62Of` makes the id */
export function bytesOfBase62(id: string): Uint8Array {
  let value = 0n;
  for (const character of id) value = value * 62n + BigInt(ALPHABET.indexOf(character));
  const bytes = new Uint8Array(ID_BYTES);
  for (let place = ID_BYTES - 1; place >= 0; place -= 1) {
    bytes[place] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}
