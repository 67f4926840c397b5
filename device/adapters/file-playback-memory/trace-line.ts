/**
 * The line of a sound trace, changed where it stands: from one leaving to the next only two numbers are others, and making
 * the whole text anew a dozen times a second was a twentieth of what playing costs.
 *
 * It may stand in memory that outlives the process, which can end between any two stores: until the last one the line has no
 * newline, and whoever reads it then takes it for nothing.
 */
import { TRACE_BYTES, type TraceRecord } from './playback-record.ts';

/** Digits of the largest integer that is exact. */
const DIGITS = 16;
const [SPACE, ZERO, NEWLINE, BASE] = [0x20, 0x30, 0x0a, 10];
/** Stands where a number will be: JSON takes spaces before one. */
const SLOT = ' '.repeat(DIGITS);

export class TraceLine {
  readonly #bytes: Uint8Array;
  #of: Pick<TraceRecord, 'bootId' | 'generation' | 'trackId'> | null = null;
  #timeEnd = 0;
  #positionEnd = 0;

  /** @param bytes `TRACE_BYTES` of them, which nobody else writes to */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  set({ bootId, atUs, generation, trackId, positionFrames }: TraceRecord): void {
    this.#bytes[TRACE_BYTES - 1] = SPACE;
    const of = this.#of;
    if (of === null || of.bootId !== bootId || of.generation !== generation || of.trackId !== trackId) {
      this.#begin({ bootId, generation, trackId });
    }
    this.#put(this.#timeEnd, atUs);
    this.#put(this.#positionEnd, positionFrames);
    this.#bytes[TRACE_BYTES - 1] = NEWLINE;
  }

  #begin(of: Pick<TraceRecord, 'bootId' | 'generation' | 'trackId'>): void {
    const upToTime = `${JSON.stringify(of).slice(0, -1)},"atUs":${SLOT}`;
    const upToPosition = `${upToTime},"positionFrames":${SLOT}`;
    const line = `${upToPosition}}`.padEnd(TRACE_BYTES - 1);
    for (let at = 0; at < TRACE_BYTES - 1; at += 1) this.#bytes[at] = line.charCodeAt(at);
    this.#timeEnd = upToTime.length;
    this.#positionEnd = upToPosition.length;
    this.#of = of;
  }

  /** @param end of the slot @param value whole, not negative, below 2^53 */
  #put(end: number, value: number): void {
    let left = value;
    let at = end - 1;
    for (let digit = 0; digit < DIGITS; digit += 1, at -= 1) {
      const next = Math.floor(left / BASE);
      this.#bytes[at] = left === 0 && digit > 0 ? SPACE : ZERO + (left - next * BASE);
      left = next;
    }
  }
}
