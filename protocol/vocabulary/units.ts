/**
 * Numbers that carry their unit in the type.
 *
 * Milliseconds handed to something that counts frames are the commonest bug of an audio program. A branded number costs
 * nothing at run time and makes that bug a type error. Values are made only by the factories here, which refuse what no
 * such quantity can be.
 */

declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** A length of time in milliseconds; may be fractional, never negative. */
export type Ms = Branded<'Ms'>;
/** An instant or a length of time in whole microseconds; instants are on the clock that the name says. May be negative. */
export type Us = Branded<'Us'>;
/** A count of frames (one sample per channel) at 48 kHz; whole, never negative. */
export type Frames = Branded<'Frames'>;
/** A count of bytes; whole, never negative. */
export type Bytes = Branded<'Bytes'>;
/** A ratio of amplitudes in decibels; loudness in LUFS and true peak in dBTP are written with it too. */
export type Db = Branded<'Db'>;
/** A frequency in hertz; positive. */
export type Hz = Branded<'Hz'>;
/** A bit rate in kbit/s; positive. */
export type Kbps = Branded<'Kbps'>;
/** A volume as phones show it, 0 (silent) to 100 (full); whole. */
export type Percent = Branded<'Percent'>;

/** The one rate of frames in this system: ingest resamples to it, so a speaker never has to (Opus decodes to it natively). */
export const FRAMES_PER_SECOND = 48_000;
/** The same rate for what is told in microseconds. */
export const FRAMES_PER_US = FRAMES_PER_SECOND / 1_000_000;

function refuse(name: string, value: number, rule: string): never {
  throw new RangeError(`${name} must be ${rule}, got ${value}`);
}

/** Milliseconds of a duration or position. @throws RangeError when negative or not finite */
export function ms(value: number): Ms {
  if (!Number.isFinite(value) || value < 0) refuse('Ms', value, 'a finite number, not negative');
  return value as Ms;
}

/** Microseconds on some monotonic clock; may be negative as a difference. @throws RangeError when not whole */
export function us(value: number): Us {
  if (!Number.isSafeInteger(value)) refuse('Us', value, 'a whole number');
  return value as Us;
}

/** Frames at 48 kHz. @throws RangeError when negative or not whole */
export function frames(value: number): Frames {
  if (!Number.isSafeInteger(value) || value < 0) refuse('Frames', value, 'a whole number, not negative');
  return value as Frames;
}

/** A size. @throws RangeError when negative or not whole */
export function bytes(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) refuse('Bytes', value, 'a whole number, not negative');
  return value as Bytes;
}

/** A level or gain; −∞ is silence. @throws RangeError for NaN */
export function db(value: number): Db {
  if (Number.isNaN(value)) refuse('Db', value, 'a number');
  return value as Db;
}

/** A rate. @throws RangeError unless positive */
export function hz(value: number): Hz {
  if (!Number.isFinite(value) || value <= 0) refuse('Hz', value, 'positive');
  return value as Hz;
}

/** Thousands of bits per second. @throws RangeError unless positive */
export function kbps(value: number): Kbps {
  if (!Number.isFinite(value) || value <= 0) refuse('Kbps', value, 'positive');
  return value as Kbps;
}

/** A volume. @throws RangeError unless whole and from 0 to 100 */
export function percent(value: number): Percent {
  if (!Number.isInteger(value) || value < 0 || value > 100) refuse('Percent', value, 'a whole number from 0 to 100');
  return value as Percent;
}

/** Milliseconds to the frame that sounds then (rounded down, so that a round trip never runs past the end). */
export function msToFrames(value: Ms): Frames {
  return frames(Math.floor((value * FRAMES_PER_SECOND) / 1000));
}

/** Frames to the milliseconds that they last, fractions kept. */
export function framesToMs(value: Frames): Ms {
  return ms((value * 1000) / FRAMES_PER_SECOND);
}

/** Milliseconds to whole microseconds, rounded to the nearest. */
export function msToUs(value: Ms): Us {
  return us(Math.round(value * 1000));
}
