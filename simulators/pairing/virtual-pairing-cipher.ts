/**
 * Pairing's cryptography in a simulation: the same promises by keyed sums instead of curves, so that a thousand attempts
 * cost nothing. It keeps no secret from anybody.
 */
import {
  PAIRING_KEY_BYTES,
  PAIRING_SHARE_BYTES,
  type PairingCipher,
  type PairingParties,
  type PairingStretch,
} from '#protocol/ports/pairing-cipher';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';

/** First byte of a share, as of a point that is written out. */
const SHARE_MARK = 4;
const TAG_BYTES = 4;
const BYTE = 256;

export function createVirtualPairingCipher(random: Random): PairingCipher {
  const drawShare = (): Uint8Array =>
    Uint8Array.from({ length: PAIRING_SHARE_BYTES }, (_, at) =>
      at === 0 ? SHARE_MARK : Math.floor(random.fraction() * BYTE),
    );
  const refusal = () => refused(new TonearmError('pairing.refused', 'the code is wrong, or this attempt is over'));
  return {
    register: async (code, how) => ({ w0: stretch(code, how), l: stretch(code, how) }),
    prove: async (code, how, parties) => {
      const share = drawShare();
      return {
        share,
        finish: (other, confirmation) => {
          const text = transcript(stretch(code, how), parties, share, other);
          if (!isSame(sum('verifier', text), confirmation)) return refusal();
          return { ok: true, value: { confirmation: sum('prover', text), key: sum('key', text) } };
        },
      };
    },
    verify: (record, parties, other) => {
      if (other.length !== PAIRING_SHARE_BYTES || other[0] !== SHARE_MARK) return refusal();
      const share = drawShare();
      const text = transcript(record.w0, parties, other, share);
      const finish = (given: Uint8Array) => (isSame(sum('prover', text), given) ? sum('key', text) : null);
      return { ok: true, value: { share, confirmation: sum('verifier', text), finish } };
    },
    decoy: () => ({ w0: drawShare(), l: drawShare() }),
    seal: (key, by, plain) => {
      const tag = sum(by, `${key.join()} ${plain}`).subarray(0, TAG_BYTES);
      return Uint8Array.of(...tag, ...new TextEncoder().encode(plain));
    },
    open: (key, by, sealed) => {
      const plain = new TextDecoder().decode(sealed.subarray(TAG_BYTES));
      const tag = sum(by, `${key.join()} ${plain}`).subarray(0, TAG_BYTES);
      return isSame(tag, sealed.subarray(0, TAG_BYTES)) ? plain : null;
    },
  };
}

function stretch(code: string, how: PairingStretch): Uint8Array {
  return sum('code', `${code} ${how.salt.join()} ${how.speakerId}`);
}

function transcript(w0: Uint8Array, parties: PairingParties, prover: Uint8Array, verifier: Uint8Array): string {
  return [w0.join(), parties.bridgeId, parties.speakerId, prover.join(), verifier.join()].join(' ');
}

/** FNV-1a with a running start for each byte: tells texts apart, which is all that is asked of it here. */
function sum(purpose: string, text: string): Uint8Array {
  let state = 2_166_136_261;
  const take = (letter: string): void => {
    state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  };
  for (const letter of `${purpose} ${text}`) take(letter);
  return Uint8Array.from({ length: PAIRING_KEY_BYTES }, () => {
    take('.');
    return state >>> 24;
  });
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
