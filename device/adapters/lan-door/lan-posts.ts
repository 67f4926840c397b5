/**
 * What can be asked of the speaker's door with a body: small JSON, never from a web page, and not too often.
 *
 * No page of ours talks to a speaker, so a request that a browser sent for a page (it names an origin) is none that we
 * want, whatever name the page has given this address.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ErrorCode, TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { askerAt } from './asker-at.ts';

/** Of what is sent in. */
export const BODY_BYTES_MAX = 4_096;
/** From one address: six attempts a minute with all their questions and some to spare; a code is guessed slower than it changes. */
export const POSTS_PER_MINUTE = 30;
/** From all together, so that one asker does not take the turn of the others. */
export const POSTS_OF_ALL_PER_MINUTE = 120;
const MS_PER_MINUTE = 60_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** @param from who asks, as `askerAt` has it */
export type LanPost = (body: unknown, from: string) => Promise<Result<object, TonearmError>>;

export interface LanPosts {
  /** For everybody on the network, by path. */
  readonly open: Readonly<Record<string, LanPost>>;
  /** For this machine, and of those on it for who can read the speaker's folder, where `key` is. */
  readonly own: Readonly<Record<string, LanPost>>;
  readonly key: string;
}

const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  'input.invalid': 400,
  'input.too-large': 413,
  'input.unknown': 404,
  'access.origin-refused': 403,
  'access.sign-in-needed': 401,
  'access.rate-limited': 429,
  'pairing.refused': 403,
  'pairing.closed': 403,
  'pairing.locked': 403,
  'session.busy': 503,
  'pairing.busy': 503,
  'pairing.owned': 409,
  'connect.unreachable': 502,
  'fetch.unexpected-answer': 502,
};
/** An update that is not taken. */
const STATUS_CONFLICT = 409;
const STATUS_OTHERWISE = 500;

export interface LanReply {
  readonly status: number;
  readonly body: object;
}

/** @param nowMs a clock that does not step, in milliseconds */
export function createLanPosts(posts: LanPosts, nowMs: () => number) {
  let minuteBegan = Number.NEGATIVE_INFINITY;
  let asked = 0;
  /** In this minute, by asker: no more of them than of questions that are let in. */
  const askedBy = new Map<string, number>();

  /** Whether there are too many in this minute; one that is turned away takes no turn of another. */
  const isTooMany = (from: string): boolean => {
    const now = nowMs();
    if (now - minuteBegan >= MS_PER_MINUTE) {
      minuteBegan = now;
      asked = 0;
      askedBy.clear();
    }
    const before = askedBy.get(from) ?? 0;
    if (before >= POSTS_PER_MINUTE || asked >= POSTS_OF_ALL_PER_MINUTE) return true;
    asked += 1;
    askedBy.set(from, before + 1);
    return false;
  };

  const take = async (request: IncomingMessage, path: string): Promise<Result<object, TonearmError>> => {
    const own = Object.hasOwn(posts.own, path) ? posts.own[path] : undefined;
    const post = own ?? (Object.hasOwn(posts.open, path) ? posts.open[path] : undefined);
    if (post === undefined) return refused(new TonearmError('input.unknown', 'nothing is posted here'));
    if (request.headers.origin !== undefined) {
      return refused(new TonearmError('access.origin-refused', 'this is not for web pages', { field: 'origin' }));
    }
    if (own !== undefined && !isOwn(request, posts.key)) {
      return refused(new TonearmError('access.sign-in-needed', 'this is for `tonearm speaker pair` on this machine'));
    }
    const from = askerAt(request.socket.remoteAddress ?? '');
    if (own === undefined && isTooMany(from)) {
      return refused(new TonearmError('access.rate-limited', 'too many questions; ask again in a minute'));
    }
    const body = await readBody(request);
    return body.ok ? post(body.value, from) : body;
  };

  return async (request: IncomingMessage, path: string): Promise<LanReply> => {
    const outcome = await take(request, path).catch((cause: unknown) => refused(toTonearmError(cause)));
    if (outcome.ok) return { status: 200, body: outcome.value };
    const { error } = outcome;
    const shown = error.code === 'internal.bug' ? new TonearmError('internal.bug', 'the speaker has failed') : error;
    const status =
      STATUS_BY_CODE[error.code] ?? (error.code.startsWith('update.') ? STATUS_CONFLICT : STATUS_OTHERWISE);
    return { status, body: { error: shown.toBody() } };
  };
}

function isOwn(request: IncomingMessage, key: string): boolean {
  if (!LOOPBACK.has(request.socket.remoteAddress ?? '')) return false;
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readBody(request: IncomingMessage): Promise<Result<unknown, TonearmError>> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return refused(
      new TonearmError('input.invalid', 'a body of application/json is wanted', { field: 'content-type' }),
    );
  }
  const tooLarge = () =>
    refused(new TonearmError('input.too-large', `more than ${BODY_BYTES_MAX} bytes`, { field: 'body' }));
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_BYTES_MAX) return tooLarge();
    parts.push(part);
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(parts).toString('utf8')) };
  } catch {
    return refused(new TonearmError('input.invalid', 'the body is not JSON', { field: 'body' }));
  }
}
