/** What somebody asks at the speaker itself: a command like any other, but that nobody on the wire waits for its answer. */
import type { Logger } from '#protocol/ports/logger';
import { commandId } from '#protocol/vocabulary/ids';
import { ms, type Us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { CommandInput, Reply } from './player-state.ts';

/** Whose answer stays here. */
export const ASKED_HERE = commandId('asked-at-the-speaker');
/** Nothing that a button asks takes longer. */
const WITHIN = ms(5_000);

export function askedHere(body: CommandBody, nowUs: Us): CommandInput {
  // No button shuffles, so no chance is drawn for it.
  return { kind: 'command', id: ASKED_HERE, body, deadline: WITHIN, fraction: 0, nowUs };
}

/** The answer to it. */
export function sayHere(logger: Logger, reply: Reply): void {
  if (reply.kind === 'refused') logger.info('speaker.button-refused', { code: reply.error.code });
}
