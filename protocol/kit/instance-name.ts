/** The instance name of a service on the local network: one DNS label, with a number when others have the plain name. */

/** Bytes of UTF-8 in a DNS label (RFC 1035 section 2.3.4). */
export const INSTANCE_NAME_BYTES_MAX = 63;

/**
 * @param wanted what people call it; dots become dashes, because a dot ends a label
 * @param ordinal 1 for the name itself, 2 for "Name (2)" and so on
 */
export function instanceName(wanted: string, ordinal: number): string {
  const suffix = ordinal === 1 ? '' : ` (${ordinal})`;
  const plain = wanted.replaceAll('.', '-').trim();
  return cutToBytes(plain === '' ? 'Tonearm' : plain, INSTANCE_NAME_BYTES_MAX - suffix.length).trimEnd() + suffix;
}

/** By whole characters: half of one would not be UTF-8. */
function cutToBytes(text: string, bytesMax: number): string {
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += utf8Length(character.codePointAt(0) ?? 0);
    if (used > bytesMax) break;
    kept += character;
  }
  return kept;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
