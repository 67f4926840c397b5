/**
 * Whoever has been answered may take it for granted, also when the bridge is killed the moment after: that something was done
 * must lie in the store before anybody hears of it. Looked at here between the bridge and its phones.
 */
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { CommandId } from '#protocol/vocabulary/ids';
import type { BridgeDoor } from '#sim/phones/virtual-phone';
import type { CommandAudit } from './command-audit.ts';
import type { VirtualBridge } from './virtual-bridge.ts';

/** Done twice these are as done once (protocol 5.1), so that nothing of them has to be kept. */
const REPEATABLE: ReadonlySet<PhoneRequest['kind']> = new Set([
  ...(['resume', 'pause', 'seek', 'setVolume', 'setShuffle', 'setRepeat'] as const),
]);

/** The bridge's door, watched. What a disk that refuses has not taken is nobody's fault. */
export function watchKeptAnswers(bridge: VirtualBridge, audit: CommandAudit): BridgeDoor {
  /** Asked for while the disk took nothing; asked again under the same id, they are answered as they were. */
  const unkeepable = new Set<CommandId>();
  return {
    eventsAddress: bridge.eventsAddress,
    requestAddress: bridge.requestAddress,
    answer: async (request, options) => {
      const isBad = () => bridge.medium.mood !== 'good';
      if (isBad()) unkeepable.add(options.commandId);
      const answer = await bridge.answer(request, options);
      if (isBad()) unkeepable.add(options.commandId);
      const isKept = bridge.disk.performed.some(({ commandId }) => commandId === options.commandId);
      if (answer.ok && !isKept && !REPEATABLE.has(request.kind) && !unkeepable.has(options.commandId)) {
        audit.refuse(`${request.kind} (${options.commandId}) was answered before it was kept`);
      }
      return answer;
    },
  };
}
