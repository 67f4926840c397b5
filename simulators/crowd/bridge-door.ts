/** What a crowd asks of its bridge over HTTP before it begins: what there is to play, on what, and to be let in. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { createRestClient, type RestClient } from '#bridge/phone/command-line/bridge/rest-client';
import { TokenFolder } from '#bridge/phone/command-line/bridge/token-folder';
import { createTokenSource } from '#bridge/phone/command-line/bridge/token-source';
import { CommandFailure } from '#bridge/phone/command-line/command-failure';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import { parseValue, trackIdSchema } from '#protocol/wire/schema';
import { invalid } from './crowd-options.ts';

/** As many as the bridge gives at once. */
const TRACKS_MAX = 100;
const ANSWERS_WITHIN_MS = 10_000;
const STATUS_UNAUTHORISED = 401;
const TOKEN = /^[0-9A-Za-z._~+/=-]{8,4096}$/;
/** Lines of a file of tokens. */
const TOKENS_MAX = 1_000;

const tracksSchema = z.object({ items: z.array(z.object({ id: trackIdSchema })).check(z.maxLength(TRACKS_MAX)) });

export interface BridgeDoorOptions {
  /** `http://host:port` */
  readonly url: string;
  /** A file with an access token a line; absent: what `tonearm login` keeps. */
  readonly tokens?: string | undefined;
  readonly interrupted: AbortSignal;
}

export class BridgeDoor {
  /** `http://host:port` */
  readonly url: string;
  readonly #rest: RestClient;
  readonly #tokens: readonly string[];

  /** @throws TonearmError `input.invalid` for a file that holds no tokens */
  constructor({ url, tokens, interrupted }: BridgeDoorOptions) {
    this.url = url;
    this.#tokens = tokens === undefined ? [] : readTokens(tokens);
    const [first] = this.#tokens;
    const clock = createSystemClock();
    const folder = new TokenFolder(clock, join(homedir(), '.config', 'tonearm', 'tokens'));
    const source =
      first === undefined
        ? createTokenSource({ clock, tokens: folder }, url, interrupted)
        : { accessToken: async () => first };
    this.#rest = createRestClient(url, interrupted, source);
  }

  /** How many different people may ask: one for each token. */
  get people(): number {
    return Math.max(1, this.#tokens.length);
  }

  /** What a person's socket is opened with; null in a house that asks nobody. */
  async authorization(person: number): Promise<string | null> {
    const token = this.#tokens[person % this.people] ?? (await this.#rest.accessToken());
    return token === null ? null : `Bearer ${token}`;
  }

  /** Some of the library; empty where nothing was ever read in. @throws TonearmError what the bridge says */
  async tracks(): Promise<readonly TrackId[]> {
    const authorization = await this.authorization(0);
    const headers = authorization === null ? {} : { authorization };
    const path = `${this.url}/tonearm/v1/tracks?limit=${TRACKS_MAX}`;
    const answer = await fetch(path, { headers, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }).catch(
      (cause: unknown) => {
        throw new TonearmError('connect.unreachable', `no bridge answers at ${this.url}`, { cause });
      },
    );
    if (answer.status === STATUS_UNAUTHORISED) {
      throw new TonearmError(
        'access.sign-in-needed',
        `${this.url} asks who you are: --tokens FILE, or \`tonearm login\``,
      );
    }
    const page = parseValue(tracksSchema, await answer.json(), 'the library');
    if (!answer.ok || !page.ok) {
      throw new TonearmError('connect.unreachable', `${this.url} does not tell its library (${answer.status})`);
    }
    return page.value.items.map(({ id }) => id);
  }

  /** Those that are connected, of those that a phone is shown. @throws TonearmError what the bridge says */
  async speakers(): Promise<readonly SpeakerId[]> {
    const { speakers } = await unwrapped(this.#rest.household());
    return speakers.filter(({ isOnline }) => isOnline).map(({ id }) => id);
  }

  /** @throws TonearmError what the bridge says */
  async pair(wish: Readonly<Record<string, string>>): Promise<void> {
    await unwrapped(this.#rest.pair(wish));
  }
}

/** What the command line makes of a refusal is for its own screen. */
async function unwrapped<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (thrown) {
    throw thrown instanceof CommandFailure ? thrown.error : thrown;
  }
}

function readTokens(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid('--tokens', `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const tokens = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // Never what stands there: it might be a secret in the wrong place.
  if (tokens.length === 0 || tokens.length > TOKENS_MAX || !tokens.every((token) => TOKEN.test(token))) {
    throw invalid('--tokens', `${path} must hold an access token on each line, 1 to ${TOKENS_MAX} of them`);
  }
  return tokens;
}
