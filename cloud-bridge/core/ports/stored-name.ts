/** What may be part of a stored name: checked at the store itself, since a name that leads elsewhere is nobody's file. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, ID_PATTERNS } from '#protocol/vocabulary/ids';

/** Hexadecimal digits of a picture's key. */
const PICTURE_KEY = /^[0-9a-f]{8,64}$/;

/** @throws TonearmError `content.not-found` for anything but the 64 hexadecimal digits of a SHA-256 */
export function checkedFileId(id: FileId): FileId {
  if (typeof id !== 'string' || !ID_PATTERNS.sha256.test(id)) throw notAName();
  return id;
}

/** @throws TonearmError `content.not-found` for anything but 8 to 64 hexadecimal digits */
export function checkedPictureKey(key: string): string {
  if (typeof key !== 'string' || !PICTURE_KEY.test(key)) throw notAName();
  return key;
}

function notAName(): TonearmError {
  return new TonearmError('content.not-found', 'not a stored name');
}
