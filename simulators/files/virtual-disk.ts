/**
 * The disk of one machine in virtual time: a write takes a while and is then safe from the end of its process; from a power
 * cut it is safe when it was forced to the disk, or when the system has written it back. Full, it refuses; failing, it
 * refuses for another reason. The twins of our stores write through one of these; what lies on it they keep themselves.
 */
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';

/** When the system writes back what nobody has forced to the disk (ext4 commits every 5 s). */
const WRITTEN_BACK_AFTER_US = 5_000_000;
/** Writes not yet written back; a house writes some each second, a crowd that comes in thousands. */
const UNSAFE_MAX = 50_000;
const LOOKED_AT_LEAST = 64;

/** `full`: ENOSPC. `failing`: EIO, or a file system that has become read-only. */
export type DiskMood = 'good' | 'full' | 'failing';

export interface DiskWrite {
  /** Of the timer, and in the message of a refusal. */
  readonly name: string;
  readonly takes: Ms;
  /** Whether it is forced to the disk before it is done. */
  readonly isForced: boolean;
  readonly perform: () => void;
  /** As a power cut leaves it that comes too early: what was there before, or what is torn. Not for what is forced. */
  readonly lose?: () => void;
}

/** One that never refuses and never loses its power. */
export function createGoodDisk(clock: Clock): VirtualDisk {
  return new VirtualDisk(clock, new SeededRandom(0));
}

interface UnsafeWrite {
  readonly atUs: number;
  readonly lose: () => void;
}

export class VirtualDisk {
  mood: DiskMood = 'good';
  /** When it last refused a write, on its own clock; long ago when it never has. */
  refusedAtUs = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #slack: number;
  /** In the order in which they were performed. */
  #unsafe: UnsafeWrite[] = [];
  /** How many there were when it was last looked which have been written back. */
  #lookedAt = LOOKED_AT_LEAST;

  /**
   * @param clock the world's: what is written back goes on while no process runs
   * @param slack a write may take so many times longer, as the seed says; absent: it takes what it takes
   */
  constructor(clock: Clock, random: SeededRandom, slack = 0) {
    this.#clock = clock;
    this.#random = random;
    this.#slack = slack;
  }

  /**
   * @param clock of the process that writes, so that a write under way is lost when it is killed
   * @returns rejects with `storage.full` or `storage.failed`
   */
  write(clock: Clock, write: DiskWrite): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const takes = this.#slack === 0 ? write.takes : ms(write.takes * (1 + this.#random.fraction() * this.#slack));
    clock.setTimer(write.name, takes, () => {
      const refusal = this.refusal(write.name);
      if (refusal === null) resolve(this.#perform(write));
      else reject(refusal);
    });
    return promise;
  }

  /** As `write`, for what is written within the turn. @returns whether it was */
  writeNow(write: Omit<DiskWrite, 'takes'>): boolean {
    if (this.refusal(write.name) !== null) return false;
    this.#perform({ ...write, takes: ms(0) });
    return true;
  }

  /** Why nothing can be written now; null when it can. */
  refusal(name: string): TonearmError | null {
    if (this.mood === 'good') return null;
    this.refusedAtUs = this.#clock.nowUs();
    return this.mood === 'full'
      ? new TonearmError('storage.full', `${name}: no space left on the disk`)
      : new TonearmError('storage.failed', `${name}: the disk fails`);
  }

  /** All that was written is safe now. */
  force(): void {
    if (this.mood === 'good') this.#unsafe = [];
  }

  /** The power goes: of what was not safe, the disk has as much as the seed says, of the earliest writes first. */
  losePower(): void {
    this.#writeBack();
    const kept = this.#random.between(0, this.#unsafe.length);
    for (const { lose } of this.#unsafe.slice(kept).reverse()) lose();
    this.#unsafe = [];
  }

  #perform({ perform, isForced, lose }: DiskWrite): void {
    perform();
    if (isForced || lose === undefined) return;
    this.#unsafe.push({ atUs: this.#clock.nowUs(), lose });
    if (this.#unsafe.length > this.#lookedAt * 2) this.#writeBack();
    assert(this.#unsafe.length <= UNSAFE_MAX, `at most ${UNSAFE_MAX} writes are not written back`);
  }

  #writeBack(): void {
    const sinceUs = this.#clock.nowUs() - WRITTEN_BACK_AFTER_US;
    this.#unsafe = this.#unsafe.filter(({ atUs }) => atUs > sinceUs);
    this.#lookedAt = Math.max(LOOKED_AT_LEAST, this.#unsafe.length);
  }
}
