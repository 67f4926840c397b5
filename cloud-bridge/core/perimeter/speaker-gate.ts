/** Which speaker asks over HTTP, by the token of its welcome. Spec 4.9. */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { SpeakerPasses } from '../relay/speaker-passes.ts';

export interface SpeakerGate {
  /**
   * @param bearer of the request's `Authorization`
   * @returns null where nobody has to show who it is, and did not; `access.sign-in-needed`
   */
  identify(bearer: string | null): Result<SpeakerId | null, TonearmError>;
}

/** Where nobody is asked. */
export const OPEN_GATE: SpeakerGate = { identify: () => ok(null) };

export function createSpeakerGate(
  passes: Pick<SpeakerPasses, 'holderOf'>,
  { isOpen }: { isOpen: boolean },
): SpeakerGate {
  return {
    identify: (bearer) => {
      const holder = bearer === null ? null : passes.holderOf(bearer);
      if (holder !== null || isOpen) return ok(holder);
      const message = 'this is for speakers of this house, with the token of their last welcome';
      return refused(new TonearmError('access.sign-in-needed', message));
    },
  };
}
