/** Offers and artifacts over HTTP from the bridge of the moment, over the same pinned connection as music. Spec 16.6 to 16.8. */
import type { BridgeAccess } from '#device/core/ports/update-listener';
import type { UpdateSource } from '#device/core/ports/update-source';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { parseValue } from '#protocol/wire/schema';
import { BLOCK_MAP_TEXT_MAX, OFFER_TEXT_MAX, updateOfferSchema } from '#protocol/wire/update';
import {
  SPEAKER_HEADER,
  UPDATE_ARTIFACT_PATH,
  UPDATE_BLOCKS_PATH,
  UPDATE_OFFER_PATH,
  UPDATE_REPORT_PATH,
} from '#protocol/wire/versions';
import { createHttpAgents } from './http-agents.ts';
import { type HttpAnswer, httpRequest } from './http-request.ts';

/** Of the answer to a report: nothing, or an error. */
const ANSWER_BYTES_MAX = 64 * 1024;
const STATUS_OK = 200;
const STATUS_NOTHING = 204;
const STATUS_PART = 206;

export interface HttpUpdateSource extends UpdateSource {
  bridgeIs(access: BridgeAccess): void;
  /** Closes the connections that are kept. */
  close(): void;
}

export function createHttpUpdateSource(clock: Clock): HttpUpdateSource {
  const agents = createHttpAgents();
  let bridge: BridgeAccess | null = null;

  const ask = async (
    path: string,
    bodyBytesMax: number,
    more: Asking = {},
  ): Promise<Result<HttpAnswer, TonearmError>> => {
    if (bridge === null) return refused(new TonearmError('fetch.unreachable', 'the bridge is not known yet'));
    const { url, speakerId, pin, accessToken } = bridge;
    const headers = {
      ...(speakerId === undefined ? {} : { [SPEAKER_HEADER]: speakerId }),
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
      ...more.headers,
    };
    const { postedJson } = more;
    let sizeBytes = 0;
    let tooLong: TonearmError | null = null;
    const request = httpRequest(
      { clock, agents },
      {
        url: `${url}${path}`,
        ...(pin === undefined ? {} : { pin }),
        headers,
        ...(postedJson === undefined ? {} : { postedJson }),
        // Ended below, where it is known whether it is an artifact or an error that does not end.
        bodyBytesMax: Number.POSITIVE_INFINITY,
        pieceArrived: (piece, { status }) => {
          sizeBytes += piece.length;
          if (sizeBytes <= bodyBytesMax || tooLong !== null) return;
          const code = status === STATUS_OK || status === STATUS_PART ? 'update.endless' : 'fetch.unexpected-answer';
          tooLong = new TonearmError(code, `more than the ${bodyBytesMax} bytes that there may be`);
          request.cancel();
        },
      },
    );
    const outcome = await request.outcome;
    return tooLong === null ? outcome : refused(tooLong);
  };

  return {
    bridgeIs: (access) => {
      bridge = access;
    },
    offer: async ({ arch, version, seq }) => {
      const answer = await ask(`${UPDATE_OFFER_PATH}/${arch}?version=${version}&seq=${seq}`, OFFER_TEXT_MAX);
      if (!answer.ok) return answer;
      if (answer.value.status === STATUS_NOTHING) return ok(null);
      if (answer.value.status !== STATUS_OK) return refused(unexpected(answer.value));
      return parseValue(updateOfferSchema, parseJson(answer.value.body), 'the offer');
    },
    blocks: async (sha256) => {
      const answer = await ask(`${UPDATE_BLOCKS_PATH}/${sha256}`, BLOCK_MAP_TEXT_MAX);
      if (!answer.ok) return answer;
      return answer.value.status === STATUS_OK
        ? ok(Buffer.from(answer.value.body).toString('utf8'))
        : refused(unexpected(answer.value));
    },
    range: async (sha256, offset, length) => {
      const last = offset + length - 1;
      const answer = await ask(`${UPDATE_ARTIFACT_PATH}/${sha256}`, length, {
        headers: { range: `bytes=${offset}-${last}` },
      });
      if (!answer.ok) return answer;
      const { status, headers, body } = answer.value;
      if (status !== STATUS_PART) return refused(unexpected(answer.value));
      if (headers['content-range']?.startsWith(`bytes ${offset}-${last}/`) === true && body.length === length)
        return ok(body);
      return refused(new TonearmError('fetch.range-mismatch', 'the bridge gave other bytes than those asked for'));
    },
    report: (report) => {
      const headers = { 'content-type': 'application/json' };
      void ask(UPDATE_REPORT_PATH, ANSWER_BYTES_MAX, { headers, postedJson: JSON.stringify(report) });
    },
    close: () => agents.close(),
  };
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly postedJson?: string;
}

function unexpected({ status }: HttpAnswer): TonearmError {
  return new TonearmError('fetch.unexpected-answer', `the bridge answered ${status}`);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
