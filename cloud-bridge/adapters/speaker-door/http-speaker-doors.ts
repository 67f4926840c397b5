/**
 * Speakers' doors over plain HTTP on the local network, where nothing is secret: what pairing exchanges is safe from
 * whoever listens. Small answers, short times, no redirects.
 */
import { request } from 'node:http';
import type { DoorAddress, SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { PAIRING_BODY_BYTES_MAX } from '#protocol/wire/pairing';

/** A small board stretches a code in a second. */
const ANSWER_WITHIN_MS = 10_000;
const INFO_WITHIN_MS = 2_000;
const STATUS_OK = 200;
const INFO_PATH = '/v1/info';

type Answer = Result<unknown, TonearmError>;

export function createHttpSpeakerDoors(): SpeakerDoors {
  return {
    info: (address) => exchange(address, { method: 'GET', path: INFO_PATH, withinMs: INFO_WITHIN_MS }, null),
    ask: (address, path, body) =>
      exchange(address, { method: 'POST', path, withinMs: ANSWER_WITHIN_MS }, JSON.stringify(body)),
  };
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly withinMs: number;
}

function exchange(address: DoorAddress, question: Question, body: string | null): Promise<Answer> {
  const url = URL.parse(`http://${address}`);
  if (url === null || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    const message = `not an address of a speaker: ${JSON.stringify(address.slice(0, 100))}`;
    return Promise.resolve(refused(new TonearmError('input.invalid', message, { field: 'address' })));
  }
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const unreachable = (cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the speaker at ${address} does not answer: ${why}`;
    resolve(refused(new TonearmError('connect.unreachable', message, { cause })));
  };
  const asked = request(
    {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: question.path,
      method: question.method,
      headers:
        body === null
          ? { host: url.host }
          : { host: url.host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(question.withinMs),
    },
    (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > PAIRING_BODY_BYTES_MAX) {
          resolve(refused(unexpected(address, 'a long answer')));
          asked.destroy();
          return;
        }
        parts.push(part);
      });
      response.on('end', () => resolve(read(address, response.statusCode, Buffer.concat(parts).toString('utf8'))));
      response.on('error', unreachable);
    },
  );
  asked.on('error', unreachable);
  asked.end(body ?? undefined);
  return promise;
}

function read(address: DoorAddress, status: number | undefined, text: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(unexpected(address, 'no JSON'));
  }
  if (status === STATUS_OK) return { ok: true, value };
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (!isErrorCode(code)) return refused(unexpected(address, `status ${status}`));
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return refused(new TonearmError(code, `the speaker: ${message.slice(0, 300)}`));
}

function unexpected(address: DoorAddress, what: string): TonearmError {
  return new TonearmError('fetch.unexpected-answer', `the speaker at ${address} gave ${what}`);
}
