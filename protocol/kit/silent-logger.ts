/** The logger for whoever must be handed one and has nothing to tell: most tests. */
import type { Logger } from '#protocol/ports/logger';

function nothing(): void {}

export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  with: () => silentLogger,
};
