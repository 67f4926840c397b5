/** What kind of picture bytes are, by how they begin: tags, extensions and headers lie, and a browser believes what we say. */
export type PictureMediaType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';

const SIGNATURES: readonly (readonly [PictureMediaType, readonly (number | null)[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  // "RIFF", four bytes of length, "WEBP"
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
];

/** Null for anything else, SVG included: it can carry scripts. */
export function pictureMediaType(bytes: Uint8Array): PictureMediaType | null {
  const found = SIGNATURES.find(([, signature]) =>
    signature.every((byte, index) => index < bytes.length && (byte === null || byte === bytes[index])),
  );
  return found === undefined ? null : found[0];
}
