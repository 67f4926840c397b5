/** What `next` and `previous` have in common. */

import { settled } from '../bridge/settled.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { describeSession } from '../screen/describe-session.ts';

export async function skip(context: CommandContext, direction: 'next' | 'previous'): Promise<ExitCode> {
  const bridge = await context.bridge();
  const before = (await bridge.household()).session;
  await bridge.player('POST', direction);
  const after = await settled(
    bridge,
    context.surroundings.clock,
    ({ session }) =>
      session.playback !== 'buffering' &&
      (session.track?.id !== before.track?.id || session.positionMs < before.positionMs),
  );
  context.output.done({ session: after.session }, describeSession(after));
  return EXIT_CODES.ok;
}
