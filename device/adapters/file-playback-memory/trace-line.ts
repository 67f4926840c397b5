/**
 * The line of a sound trace, changed where it stands: from one leaving to the next only two numbers are others, and making
 * the whole text anew a dozen times a second was a twentieth of what playing costs.
 */
import { TRACE_BYTES, type TraceRecord } from './playback-record.ts';

/** Digits of the largest integer that is exact. */
const DIGITS = 16;
const [SPACE, ZERO, BASE] = [0x20, 0x30, 10];
/** Stands where a number will be: JSON takes spaces before one. */
const SLOT = ' '.repeat(DIGITS);

export class TraceLine {
  /** JSON and a newline, always as many bytes. */
  readonly bytes = Buffer.alloc(TRACE_BYTES);
  #of: Pick<TraceRecord, 'bootId' | 'generation' | 'trackId'> | null = null;
  #timeEnd = 0;
  #positionEnd = 0;

  set({ bootId, atUs, generation, trackId, positionFrames }: TraceRecord): void {
    const of = this.#of;
    if (of === null || of.bootId !== bootId || of.generation !== generation || of.trackId !== trackId) {
      this.#begin({ bootId, generation, trackId });
    }
    this.#put(this.#timeEnd, atUs);
    this.#put(this.#positionEnd, positionFrames);
  }

  #begin(of: Pick<TraceRecord, 'bootId' | 'generation' | 'trackId'>): void {
    const upToTime = `${JSON.stringify(of).slice(0, -1)},"atUs":${SLOT}`;
    const upToPosition = `${upToTime},"positionFrames":${SLOT}`;
    this.bytes.write(`${`${upToPosition}}`.padEnd(TRACE_BYTES - 1)}\n`, 'latin1');
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
      this.bytes[at] = left === 0 && digit > 0 ? SPACE : ZERO + (left - next * BASE);
      left = next;
    }
  }
}
