/** A socket as the embedded broker sees it: the same bytes both ways, cut as soon as a guard says so. */
import { Duplex } from 'node:stream';
import type { FrameVerdict } from './frame-guard.ts';

export interface StreamGuard {
  take(chunk: Uint8Array): FrameVerdict;
}

export class GuardedStream extends Duplex {
  readonly #socket: Duplex;

  /** @param refused called once, with why, when the guard has cut it */
  constructor(socket: Duplex, guard: StreamGuard, refused: (verdict: FrameVerdict) => void) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      const verdict = guard.take(chunk);
      if (verdict !== 'fine') {
        refused(verdict);
        this.destroy();
      } else if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else {
      // Whichever comes first; a socket that is gone drains no more.
      const go = () => {
        this.#socket.off('drain', go);
        this.#socket.off('close', go);
        done();
      };
      this.#socket.once('drain', go);
      this.#socket.once('close', go);
    }
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
