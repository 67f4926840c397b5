/**
 * Whoever has been answered may take it for granted, also when the bridge is killed the moment after: that something was done
 * must lie in the store before anybody hears of it. Looked at here between the bridge and its phones.
 */
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { BridgeDoor } from '#sim/phones/virtual-phone';
import type { CommandAudit } from './command-audit.ts';
import type { VirtualBridge } from './virtual-bridge.ts';

/** Done twice these are as done once (protocol 5.1), so that nothing of them has to be kept. */
const REPEATABLE: ReadonlySet<PhoneRequest['kind']> = new Set([
  ...(['resume', 'pause', 'seek', 'setVolume', 'setShuffle', 'setRepeat'] as const),
]);

/** The bridge's door, watched. What a disk that refuses has not taken is nobody's fault. */
export function watchKeptAnswers(bridge: VirtualBridge, audit: CommandAudit): BridgeDoor {
  return {
    eventsAddress: bridge.eventsAddress,
    requestAddress: bridge.requestAddress,
    answer: async (request, options) => {
      const answer = await bridge.answer(request, options);
      const isKept = bridge.disk.performed.some(({ commandId }) => commandId === options.commandId);
      if (answer.ok && !isKept && !REPEATABLE.has(request.kind) && bridge.medium.mood === 'good') {
        audit.refuse(`${request.kind} (${options.commandId}) was answered before it was kept`);
      }
      return answer;
    },
  };
}
