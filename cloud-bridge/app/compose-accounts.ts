/** Puts together who may come in: accounts over the bridge's database and keys, and what its mode makes of them. */
import { openAccessTokens } from '#bridge/adapters/jose-tokens/jose-access-tokens';
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { createScryptPasswordHasher } from '#bridge/adapters/node-crypto/scrypt-password-hasher';
import type { AccountsStore } from '#bridge/core/ports/accounts-store';
import { type CallerCheck, OPEN_HOUSE } from '#bridge/core/ports/callers';
import { type Accounts, createAccounts } from '#bridge/core/services/accounts/accounts';
import { SharedCallers } from '#bridge/core/services/accounts/shared-callers';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { BridgeId } from '#protocol/vocabulary/ids';
import type { BridgeConfig } from './config.ts';

export interface AccountsSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly people: AccountsStore;
}

export interface ComposedAccounts {
  readonly accounts: Accounts;
  readonly callers: CallerCheck;
  /** Says where the owner comes in, when there is none yet or it was asked for. `url` is the bridge's own. */
  welcome(url: string): void;
}

/** @throws TonearmError `storage.failed` when people or keys can be neither read nor made */
export async function composeAccounts(
  around: AccountsSurroundings,
  config: Pick<BridgeConfig, 'access' | 'dataFolder' | 'hasOwnerLink' | 'node'>,
  bridgeId: BridgeId,
): Promise<ComposedAccounts> {
  const { clock, random, logger, people } = around;
  const tokens = await openAccessTokens(config.dataFolder, bridgeId);
  const passwords = createScryptPasswordHasher();
  const isShared = config.node !== null;
  const ports = { clock, random, digest: nodeDigest, passwords, tokens, store: people, isShared };
  const accounts = createAccounts(ports, bridgeId);
  await accounts.book.start();
  const isOpen = config.access === 'open';
  if (isOpen) logger.warn('bridge.open-to-all', { reason: 'nobody is asked who they are (--access open)' });
  return {
    accounts,
    callers: isOpen
      ? OPEN_HOUSE
      : isShared
        ? new SharedCallers(clock, accounts.book, accounts.callers)
        : accounts.callers,
    welcome: (url) => {
      if (isOpen || (accounts.people.firstOwner() !== undefined && !config.hasOwnerLink)) return;
      const { token, expiresAtMs } = accounts.links.welcome();
      // The one secret that is ever logged: for the owner's eyes, once, and worth nothing after it was used.
      logger.warn('bridge.welcome', { link: `${url}/welcome#${token}`, expiresAtMs });
    },
  };
}
