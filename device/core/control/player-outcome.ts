/** What the player replied, as it travels: with the revision and the epoch, of which the player knows nothing. */
import type { Outcome } from '#protocol/wire/command';
import type { Reply } from './player-state.ts';

/** @param revision of the state after the change */
export function outcomeOf(reply: Reply, revision: number, epoch: number): Outcome {
  switch (reply.kind) {
    case 'accepted':
      return reply.session === undefined
        ? { kind: 'accepted', revision }
        : { kind: 'accepted', revision, session: reply.session };
    case 'refused':
      return { kind: 'refused', error: reply.error };
    case 'superseded':
      return { kind: 'superseded', epoch };
  }
}
