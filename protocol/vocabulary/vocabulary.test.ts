import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, isErrorCode, TonearmError, toTonearmError } from './errors.ts';
import { base62Of, bridgeId, fileId, resumeToken, speakerId, trackId } from './ids.ts';
import { assert, ok, refused, unreachable } from './result.ts';
import {
  bytes,
  db,
  FRAMES_PER_SECOND,
  frames,
  framesToMs,
  hz,
  kbps,
  ms,
  msToFrames,
  msToUs,
  percent,
  us,
} from './units.ts';

describe('units', () => {
  it.each([
    ['ms', ms, [0, 0.5, 1e12], [-1, -0.001, Number.NaN, Number.POSITIVE_INFINITY]],
    ['us', us, [-5, 0, 2 ** 53 - 1], [0.5, 2 ** 53, Number.NaN]],
    ['frames', frames, [0, 48_000], [-1, 0.5, Number.NaN]],
    ['bytes', bytes, [0, 1], [-1, 0.5]],
    ['db', db, [-60, 0, Number.NEGATIVE_INFINITY], [Number.NaN]],
    ['hz', hz, [0.1, 48_000], [0, -1, Number.POSITIVE_INFINITY]],
    ['kbps', kbps, [24, 320], [0, Number.NaN]],
    ['percent', percent, [0, 100], [-1, 101, 33.3]],
  ])('%s takes what such a quantity can be, and nothing else', (_name, make: (value: number) => number, good, bad) => {
    for (const value of good) expect(make(value)).toBe(value);
    for (const value of bad) expect(() => make(value)).toThrow(RangeError);
  });

  it('converts milliseconds to the frame that sounds then, never past it', () => {
    expect(msToFrames(ms(1_000))).toBe(FRAMES_PER_SECOND);
    expect(msToFrames(ms(0.99 / 48))).toBe(0);
    expect(msToUs(ms(0.0015))).toBe(2);
    fc.assert(
      fc.property(fc.nat(), (count) => {
        const there = frames(count);
        expect(Math.abs(msToFrames(framesToMs(there)) - count)).toBeLessThanOrEqual(1);
        expect(msToFrames(framesToMs(there))).toBeLessThanOrEqual(count);
      }),
    );
  });
});

describe('ids', () => {
  it('take their own shape only', () => {
    expect(() => trackId('4uLU6hMCjMI75M1A2tKUQC')).not.toThrow();
    expect(() => trackId('4uLU6hMCjMI75M1A2tKUQ')).toThrow(RangeError);
    expect(() => trackId('4uLU6hMCjMI75M1A2tK-QC')).toThrow(RangeError);
    expect(() => fileId('ab'.repeat(32))).not.toThrow();
    expect(() => fileId('AB'.repeat(32))).toThrow(RangeError);
    for (const make of [speakerId, bridgeId, resumeToken]) {
      expect(() => make('a_b-C012')).not.toThrow();
      expect(() => make('short')).toThrow(RangeError);
      expect(() => make('x'.repeat(65))).toThrow(RangeError);
    }
  });

  it('base62 of a digest is a track id, in order of its first 16 bytes, and tells them apart', () => {
    expect(base62Of(new Uint8Array(16))).toBe('0'.repeat(22));
    expect(base62Of(new Uint8Array(16).fill(255))).toBe('7n42DGM5Tflk9n8mt7Fhc7');
    expect(() => base62Of(new Uint8Array(15))).toThrow(RangeError);
    const digest = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(digest, digest, (left, right) => {
        expect(() => trackId(base62Of(left))).not.toThrow();
        const order = Buffer.compare(left, right);
        expect(Math.sign(base62Of(left) < base62Of(right) ? -1 : Number(base62Of(left) > base62Of(right)))).toBe(order);
      }),
    );
  });
});

describe('errors', () => {
  it('know whether trying again may help', () => {
    expect(new TonearmError('fetch.timed-out', '').retryable).toBe(true);
    expect(new TonearmError('input.invalid', '').retryable).toBe(false);
  });

  it('travel without their cause and context', () => {
    const error = new TonearmError('input.invalid', 'no', { field: 'a.b', cause: new Error('x'), context: { y: 1 } });
    expect(error.toBody()).toEqual({ code: 'input.invalid', message: 'no', field: 'a.b' });
    expect(new TonearmError('internal.bug', 'no').toBody()).toEqual({ code: 'internal.bug', message: 'no' });
  });

  it('have closed codes', () => {
    expect(ERROR_CODES.every(isErrorCode)).toBe(true);
    expect(['toString', 'constructor', 'input', ''].some(isErrorCode)).toBe(false);
  });

  it('take whatever was thrown in, once', () => {
    const ours = new TonearmError('sink.lost', 'gone');
    expect(toTonearmError(ours)).toBe(ours);
    const theirs = new Error('EIO');
    expect(toTonearmError(theirs, 'storage.failed')).toMatchObject({
      code: 'storage.failed',
      message: 'EIO',
      cause: theirs,
    });
    expect(toTonearmError('text')).toMatchObject({ code: 'internal.bug', message: 'text' });
  });
});

describe('results', () => {
  it('are values or refusals, and bugs are neither', () => {
    expect(ok(0)).toEqual({ ok: true, value: 0 });
    expect(refused('no')).toEqual({ ok: false, error: 'no' });
    expect(() => assert(false, 'x is set')).toThrow('assertion failed: x is set');
    expect(() => assert(true, 'x is set')).not.toThrow();
    expect(() => unreachable('z' as never)).toThrow('"z"');
  });
});
