/**
 * A device's buffer as arithmetic: frames go in when they are written and go out by the clock.
 *
 * What every sink without hardware needs, and what a sound card does: it starts with the first frame, runs while it has
 * any, and running dry is an underrun unless it was told to play out.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, type Frames, frames, ms } from '#protocol/vocabulary/units';

const US_PER_SECOND = 1_000_000;

interface Drain {
  /** Counted from the opening. */
  untilFrame: number;
  resolve(): void;
}

export class ClockedQueue {
  readonly #clock: Clock;
  readonly #capacity: number;
  #written = 0;
  /** Played frames are those at `#runningSinceUs` plus what the clock has passed since; null while the device stands. */
  #playedBefore = 0;
  #runningSinceUs: number | null = null;
  #isDraining = false;
  #underruns = 0;
  #drains: Drain[] = [];
  #drainTimer: Timer | null = null;

  constructor(clock: Clock, capacity: Frames) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get underruns(): number {
    this.#settle();
    return this.#underruns;
  }

  waiting(): Frames {
    return frames(Math.ceil(this.#written - this.#settle()));
  }

  room(): Frames {
    return frames(Math.max(0, this.#capacity - this.waiting()));
  }

  /** @param count at most `room()` */
  push(count: number): void {
    this.#settle();
    if (count === 0) return;
    this.#written += count;
    this.#isDraining = false;
    if (this.#runningSinceUs === null) this.#runningSinceUs = this.#clock.nowUs();
  }

  /**
   * Takes the newest frames out again, but for those that are about to be played.
   * @param marginFrames that many next ones stay
   * @returns whole frames taken out, at most `count`
   */
  rewind(count: number, marginFrames = 0): Frames {
    const reach = Math.floor(this.#written - this.#settle()) - marginFrames;
    const taken = Math.max(0, Math.min(count, reach));
    this.#written -= taken;
    // Whoever waits for what is not there any more waits for what is left.
    for (const drain of this.#drains) drain.untilFrame = Math.min(drain.untilFrame, this.#written);
    this.#drainTimer?.cancel();
    this.#drainTimer = null;
    this.#settleDrains();
    this.#armDrainTimer();
    return frames(taken);
  }

  /** @returns whole frames thrown away */
  drop(): Frames {
    const dropped = Math.floor(this.#written - this.#settle());
    this.#written -= dropped;
    this.#playedBefore = this.#written;
    this.#runningSinceUs = null;
    this.#settleDrains();
    return frames(dropped);
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.waiting() === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drains.push({ untilFrame: this.#written, resolve });
      this.#armDrainTimer();
    });
  }

  /** Forgets what waits; whoever waits for it is told. */
  close(): void {
    this.#drainTimer?.cancel();
    this.#drainTimer = null;
    this.#playedBefore = this.#written;
    this.#runningSinceUs = null;
    this.#settleDrains();
  }

  /** @returns frames played by now, fractions included */
  #settle(): number {
    if (this.#runningSinceUs === null) return this.#playedBefore;
    const sinceUs = this.#clock.nowUs() - this.#runningSinceUs;
    const played = this.#playedBefore + (sinceUs * FRAMES_PER_SECOND) / US_PER_SECOND;
    if (played < this.#written) return played;
    if (played > this.#written && !this.#isDraining) this.#underruns += 1;
    // Exactly empty is not yet too late; the next look decides.
    if (played === this.#written && !this.#isDraining) return played;
    this.#playedBefore = this.#written;
    this.#runningSinceUs = null;
    return this.#written;
  }

  #armDrainTimer(): void {
    if (this.#drainTimer !== null || this.#drains.length === 0) return;
    const leftMs = (this.waiting() * 1000) / FRAMES_PER_SECOND;
    this.#drainTimer = this.#clock.setTimer('sink.drain', ms(leftMs), () => {
      this.#drainTimer = null;
      this.#settleDrains();
      this.#armDrainTimer();
    });
  }

  #settleDrains(): void {
    const played = this.#settle();
    const [done, left] = [[] as Drain[], [] as Drain[]];
    for (const drain of this.#drains) (drain.untilFrame <= played ? done : left).push(drain);
    this.#drains = left;
    for (const { resolve } of done) resolve();
  }
}
