/** What a speaker signs to show that an id is its own: one challenge of one bridge, and nothing else that is ever signed. Spec 4.6. */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Challenge } from './hello.ts';

/** Nothing else that a speaker's key signs begins so. */
const DOMAIN = 'tonearm.hello.v1';

/** @returns domain, nonce, bridge's id and speaker's id with a zero byte between them, all ASCII */
export function helloProof({ nonce, bridge }: Pick<Challenge, 'nonce' | 'bridge'>, speaker: SpeakerId): Uint8Array {
  const text = [DOMAIN, nonce, bridge.id, speaker].join('\0');
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Characters of `Challenge.nonce` and of `Welcome.accessToken`. */
export const SECRET_LENGTH = 43;
