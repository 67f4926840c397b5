import { describe, expect, it } from 'vitest';
import { failureOfAnswer } from './rest-failure.ts';

function told(status: number, error: object | null) {
  const body = error === null ? null : { error: { message: 'why', ...error } };
  const failure = failureOfAnswer(status, body, 'PUT /v1/me/player/pause');
  return [failure.error.code, failure.exitCode];
}

describe('failureOfAnswer', () => {
  it('keeps the bridge’s own code', () => {
    expect(told(403, { code: 'session.no-next-track', reason: 'NO_NEXT_TRACK' })).toEqual(['session.no-next-track', 1]);
    expect(told(403, { code: 'access.host-refused' })).toEqual(['access.host-refused', 4]);
    expect(told(400, { code: 'input.invalid', field: 'uris.0' })).toEqual(['input.invalid', 2]);
  });

  it('reads the player’s reason, then the status, of servers that have no code', () => {
    expect(told(404, { reason: 'NO_ACTIVE_DEVICE' })).toEqual(['session.no-active-speaker', 1]);
    expect(told(404, {})).toEqual(['catalogue.not-found', 1]);
    expect(told(401, {})).toEqual(['fetch.unexpected-answer', 4]);
    expect(told(502, null)).toEqual(['fetch.unexpected-answer', 1]);
    expect(told(500, { code: 'made.up' })).toEqual(['fetch.unexpected-answer', 1]);
  });

  it('says what was asked when the answer says nothing', () => {
    expect(failureOfAnswer(502, null, 'PUT /x').message).toBe('the bridge answered 502 to PUT /x');
  });
});
