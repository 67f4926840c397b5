/**
 * The tokens that `tonearm login` was given, a file for each bridge, for their owner's eyes only. A refresh token works
 * once, so that two commands at once must not both use it: whoever renews holds the file's lock, which a command that was
 * killed leaves behind for some seconds at most.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { type Infer, parseValue } from '#protocol/wire/schema';

/** Longer than a renewal takes at a bridge that answers at all. */
const LOCK_STALE_MS = 20_000;
const LOCK_AGAIN_AFTER = ms(50);

const storedSchema = z.object({
  bridge: z.string(),
  accessToken: z.string().check(z.maxLength(4_096)),
  /** ms since 1970. */
  expiresAtMs: z.number(),
  refreshToken: z.string().check(z.maxLength(256)),
});
export type StoredTokens = Infer<typeof storedSchema>;

export class TokenFolder {
  readonly #clock: Pick<Clock, 'wallMs' | 'setTimer'>;
  readonly #folder: string;

  /** @param folder made when something is first kept in it */
  constructor(clock: Pick<Clock, 'wallMs' | 'setTimer'>, folder: string) {
    this.#clock = clock;
    this.#folder = folder;
  }

  /** Null when nobody has signed in at this bridge from here; a damaged file is as good as none. */
  load(bridgeUrl: string): StoredTokens | null {
    try {
      const parsed = parseValue(storedSchema, JSON.parse(readFileSync(this.#pathOf(bridgeUrl), 'utf8')), 'tokens');
      return parsed.ok && parsed.value.bridge === bridgeUrl ? parsed.value : null;
    } catch {
      return null;
    }
  }

  /** @throws TonearmError `storage.failed` */
  save(tokens: StoredTokens): void {
    const path = this.#pathOf(tokens.bridge);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, `${JSON.stringify(tokens)}\n`, { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    } catch (cause) {
      throw new TonearmError('storage.failed', `the tokens cannot be kept in ${this.#folder}: ${String(cause)}`, {
        cause,
      });
    }
  }

  forget(bridgeUrl: string): void {
    rmSync(this.#pathOf(bridgeUrl), { force: true });
  }

  /** Runs `task` while no other command of this user renews the tokens of this bridge. */
  async locked<Value>(bridgeUrl: string, task: () => Promise<Value>): Promise<Value> {
    const path = `${this.#pathOf(bridgeUrl)}.lock`;
    while (!this.#take(path)) {
      await new Promise<void>((resolve) => this.#clock.setTimer('tokens-lock', LOCK_AGAIN_AFTER, resolve));
    }
    try {
      return await task();
    } finally {
      rmSync(path, { force: true });
    }
  }

  #take(path: string): boolean {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      return true;
    } catch (thrown) {
      const isTaken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
      // Where no lock can be made, no token can be kept either: renewing says so.
      if (!isTaken) return true;
    }
    const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Math.abs(this.#clock.wallMs() - since) > LOCK_STALE_MS) rmSync(path, { force: true });
    return false;
  }

  #pathOf(bridgeUrl: string): string {
    return join(this.#folder, `${bridgeUrl.replace(/^https?:\/\//, '').replace(/[^0-9A-Za-z.-]/g, '_')}.json`);
  }
}
