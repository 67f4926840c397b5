/** What the player replied, as it travels: with the revision and the epoch, of which the player knows nothing. */
import { foldSession } from '#protocol/kit/track-lists';
import type { Outcome } from '#protocol/wire/command';
import type { Reply } from './player-state.ts';
import type { BridgeTime } from './time-sync.ts';

/** @param revision of the state after the change @param bridgeTime null while it is not known */
export function outcomeOf(reply: Reply, revision: number, epoch: number, bridgeTime: BridgeTime | null): Outcome {
  switch (reply.kind) {
    case 'accepted':
      return {
        kind: 'accepted',
        revision,
        ...(reply.session === undefined ? {} : { session: reply.session && foldSession(reply.session) }),
        ...(reply.tellsClock === true && bridgeTime !== null ? { clock: bridgeTime } : {}),
      };
    case 'refused':
      return { kind: 'refused', error: reply.error };
    case 'superseded':
      return { kind: 'superseded', epoch };
  }
}
