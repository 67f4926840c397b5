/** Asks the speaker that runs on this machine, by its own door and the key that it left in its folder. */
import { readSecretFile } from '#protocol/adapters/key-file';
import { postJson } from '#protocol/adapters/post-json';
import { isErrorCode, TonearmError } from '#protocol/vocabulary/errors';

const ANSWER_WITHIN_MS = 10_000;
const ANSWER_BYTES_MAX = 8_192;
const STATUS_OK = 200;

/** @throws TonearmError as the speaker refuses, or `connect.unreachable` */
export type AskSpeaker = (path: string, body: object) => Promise<unknown>;

/** @param withinMs for what takes longer than a question. @param file where a speaker that runs has left port and key. @throws TonearmError `connect.unreachable` when there is none */
export function askOwnDoor(file: string, withinMs: number = ANSWER_WITHIN_MS): AskSpeaker {
  const { port, key } = readDoor(file);
  const place = { host: '127.0.0.1', port, agent: false };
  const limits = { answerWithinMs: withinMs, answerBytesMax: ANSWER_BYTES_MAX };
  return async (path, body) => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await postJson(body, { place, path, headers, ...limits }).catch((cause: unknown) => {
      throw notThere(file, cause);
    });
    if (answer.status === STATUS_OK) return answer.body;
    throw refusalOf(answer.body);
  };
}

function readDoor(file: string): { readonly port: number; readonly key: string } {
  const door = parse(readSecretFile(file) ?? '');
  if (typeof door === 'object' && door !== null && 'port' in door && 'key' in door) {
    return { port: Number(door.port), key: String(door.key) };
  }
  throw notThere(file);
}

function notThere(file: string, cause?: unknown): TonearmError {
  const message = `no speaker runs here with this folder (${file}); start it first, or name its folder with --data`;
  return new TonearmError('connect.unreachable', message, { cause });
}

function refusalOf(answer: unknown): TonearmError {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : null;
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const code = String(error.code);
    if (isErrorCode(code)) return new TonearmError(code, String(error.message));
  }
  return new TonearmError('fetch.unexpected-answer', 'the speaker gave an answer that is none');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
