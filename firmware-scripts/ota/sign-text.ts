/** Makes a signed text of a value: JSON in ASCII, and a signature of each key. Spec 16.2. */
import { base64url } from '#protocol/kit/base64url';
import { type SignedKind, signedBytes } from '#protocol/kit/update-trust';
import type { Identity } from '#protocol/ports/identity';
import type { SignedText } from '#protocol/wire/update';

export function signText(kind: SignedKind, value: object, keys: readonly Identity[]): SignedText {
  return signAgain(kind, { text: asciiJson(value), signatures: [] }, keys);
}

/** The same text with more signatures, as when each root key lies in another safe. */
export function signAgain(kind: SignedKind, { text, signatures }: SignedText, keys: readonly Identity[]): SignedText {
  const message = signedBytes(kind, text);
  const added = keys.map((key) => ({ key: base64url(key.publicKey), signature: base64url(key.sign(message)) }));
  const names = new Set(added.map(({ key }) => key));
  return { text, signatures: [...signatures.filter(({ key }) => !names.has(key)), ...added] };
}

/** Everything but ASCII as `\u` and four digits, which JSON reads as what it was. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\u0020-\u007e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
