/** The access token that a request is sent with: the one that is kept while it is good, else a new one for the refresh token. */
import type { Clock } from '#protocol/ports/clock';
import { renewTokens, type TokenAnswer } from './oauth-client.ts';
import type { StoredTokens, TokenFolder } from './token-folder.ts';

/** One that ends on its way is no use. */
const RENEWED_BEFORE_MS = 30_000;
const MS_PER_S = 1_000;

export interface TokenSource {
  /** Null when nobody is signed in: the bridge may be an open one, or will say that it is not. */
  accessToken(): Promise<string | null>;
}

export function createTokenSource(
  ports: { readonly clock: Pick<Clock, 'wallMs'>; readonly tokens: TokenFolder },
  url: string,
  interrupted: AbortSignal,
): TokenSource {
  const { clock, tokens } = ports;
  const good = (stored: StoredTokens | null) =>
    stored !== null && stored.expiresAtMs - clock.wallMs() > RENEWED_BEFORE_MS ? stored.accessToken : null;
  return {
    accessToken: async () => {
      const stored = tokens.load(url);
      if (stored === null) return null;
      const held = good(stored);
      if (held !== null) return held;
      return tokens.locked(url, async () => {
        // Another command may have renewed it meanwhile.
        const now = tokens.load(url);
        const renewed = good(now);
        if (now === null || renewed !== null) return renewed;
        const answer = await renewTokens(url, now.refreshToken, interrupted);
        if (answer === null) {
          tokens.forget(url);
          return null;
        }
        tokens.save(storedOf(url, answer, clock.wallMs()));
        return answer.access_token;
      });
    },
  };
}

/** @param nowMs ms since 1970 */
export function storedOf(url: string, answer: TokenAnswer, nowMs: number): StoredTokens {
  return {
    bridge: url,
    accessToken: answer.access_token,
    expiresAtMs: nowMs + answer.expires_in * MS_PER_S,
    refreshToken: answer.refresh_token,
  };
}
