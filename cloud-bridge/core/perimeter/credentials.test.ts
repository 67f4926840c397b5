import { describe, expect, it } from 'vitest';
import { credentialsOf, SECURE_SESSION_COOKIE, SESSION_COOKIE } from './credentials.ts';

describe('credentials', () => {
  it('reads a bearer token however it is spelled', () => {
    expect(credentialsOf({ authorization: 'Bearer abc' }).bearer).toBe('abc');
    expect(credentialsOf({ authorization: 'bearer  abc ' }).bearer).toBe('abc');
  });

  it('takes nothing else for one', () => {
    for (const authorization of [undefined, '', 'Basic abc', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(5_000)}`]) {
      expect(credentialsOf({ authorization }).bearer).toBeNull();
    }
  });

  it('finds its cookie among others', () => {
    expect(credentialsOf({ cookie: `a=b; ${SESSION_COOKIE}=xyz; c=d` }).cookie).toBe('xyz');
    const both = `${SESSION_COOKIE}=plain; ${SECURE_SESSION_COOKIE}=safe`;
    expect(credentialsOf({ cookie: both }).cookie).toBe('safe');
    expect(credentialsOf({ cookie: 'a=b' }).cookie).toBeNull();
    expect(credentialsOf({ cookie: `${SESSION_COOKIE}=${'x'.repeat(5_000)}` }).cookie).toBeNull();
  });

  it('takes a token from the subprotocols that a script offers, after the header', () => {
    const offered = { 'sec-websocket-protocol': 'tonearm.events.v1, tonearm.bearer.abc.def' };
    expect(credentialsOf(offered).bearer).toBe('abc.def');
    expect(credentialsOf({ ...offered, authorization: 'Bearer first' }).bearer).toBe('first');
    const long = `tonearm.bearer.${'x'.repeat(5_000)}`;
    expect(credentialsOf({ 'sec-websocket-protocol': long }).bearer).toBeNull();
  });
});
