/**
 * A loudspeaker in virtual time that remembers what was heard: frames leave its buffer as fast as a real one's would,
 * and only those that did are in `heard`. Runs dry, can be lost, can be refused.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { assert, ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, type Ms, ms, msToFrames, us } from '#protocol/vocabulary/units';
import { HeardSound } from './heard-sound.ts';

const CHANNELS = 2;
const US_PER_MS = 1_000;
const US_PER_SECOND = 1_000_000;
/** As a sound card's usual period: 10 ms. */
const PERIOD: Ms = ms(10);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));
/** Opening a device takes a while. */
const OPENING: Ms = ms(20);

/** What one loudspeaker is like beside another. */
export interface LoudspeakerTraits {
  /** From its buffer to the air: an amplifier's or a television's processing. */
  readonly latency?: Ms;
  /** How much faster its own clock runs than the machine's, in parts per million. */
  readonly driftPpm?: number;
}

export interface CapturedSinkOptions extends LoudspeakerTraits {
  /** Whether it gives sound back that is not heard yet; it does. */
  readonly canRewind?: boolean;
}

/** Stretches of sound between the buffer and the air. */
const UNDER_WAY_MAX = 1_000;

interface Written {
  readonly samples: Int16Array;
  countFrames: number;
  takenFrames: number;
}

export class CapturedSink implements AudioSink {
  readonly name = 'virtual';
  readonly heard = new HeardSound();
  readonly #clock: Clock;
  readonly #canRewind: boolean;
  /** Set: the next `open` is refused. */
  isAbsent = false;
  readonly #latencyUs: number;
  #framesPerUs: number;
  /** What has left the buffer and is not in the air yet. */
  #underWay: { fromUs: number; toUs: number }[] = [];
  #state: 'closed' | 'running' = 'closed';
  /** So far: what was opening meanwhile stays closed. */
  #closings = 0;
  #bufferFrames = 0;
  #waiting: Written[] = [];
  #waitingFrames = 0;
  /** Up to when frames have been taken out; what is not a whole frame is kept for the next time. */
  #playedUntilUs = 0;
  #isDry = true;
  /** `drain` was called after the last write. */
  #isDraining = false;
  #underruns = 0;
  #listener: AudioSinkListener | null = null;
  #drained: (() => void)[] = [];

  constructor(clock: Clock, options: CapturedSinkOptions = {}) {
    this.#clock = clock;
    this.#canRewind = options.canRewind ?? true;
    this.#latencyUs = (options.latency ?? 0) * US_PER_MS;
    this.#framesPerUs = framesPerUs(options.driftPpm ?? 0);
  }

  /** Its clock runs differently from now on. */
  reclock(driftPpm: number): void {
    this.#play();
    this.#framesPerUs = framesPerUs(driftPpm);
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    assert(this.#state === 'closed', 'a sink is opened when it is closed');
    const mine = this.#closings;
    await new Promise<void>((resolve) => this.#clock.setTimer('sink opening', OPENING, resolve));
    if (mine !== this.#closings) return refused(new TonearmError('sink.unavailable', 'closed while it was opening'));
    if (this.isAbsent) return refused(new TonearmError('sink.unavailable', 'no such device'));
    this.#state = 'running';
    this.#listener = listener;
    this.#bufferFrames = msToFrames(request.latency);
    this.#playedUntilUs = this.#clock.nowUs();
    this.#isDry = true;
    this.#underruns = 0;
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: CHANNELS,
      bufferFrames: frames(this.#bufferFrames),
      periodFrames: msToFrames(PERIOD),
      sampleBits: 16,
      canRewind: this.#canRewind,
    });
  }

  writableFrames(): Frames {
    this.#play();
    return frames(this.#state === 'running' ? this.#bufferFrames - this.#waitingFrames : 0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    assert(samples instanceof Int16Array, 'a sink is written as wide as it granted');
    const taken = Math.min(count, this.writableFrames());
    if (taken === 0) return frames(0);
    this.#waiting.push({ samples: samples.slice(0, taken * CHANNELS), countFrames: taken, takenFrames: 0 });
    this.#waitingFrames += taken;
    this.#isDry = false;
    this.#isDraining = false;
    return frames(taken);
  }

  delay(): AudioSinkDelay {
    this.#play();
    const delayFrames = frames(this.#waitingFrames + this.#framesUnderWay());
    return { delayFrames, atUs: us(Math.floor(this.#playedUntilUs)) };
  }

  rewind(count: Frames): Frames {
    if (!this.#canRewind) return frames(0);
    this.#play();
    const taken = Math.max(0, Math.min(count, this.#waitingFrames - OUT_OF_REACH_FRAMES));
    for (let left = taken; left > 0; ) {
      const newest = this.#waiting.at(-1);
      assert(newest !== undefined, 'what waits is in the queue');
      const off = Math.min(left, newest.countFrames - newest.takenFrames);
      newest.countFrames -= off;
      left -= off;
      if (newest.countFrames === newest.takenFrames) this.#waiting.pop();
    }
    this.#waitingFrames -= taken;
    return frames(taken);
  }

  drop(): Frames {
    this.#play();
    const dropped = this.#waitingFrames;
    this.#empty();
    return frames(dropped);
  }

  underruns(): number {
    this.#play();
    return this.#underruns;
  }

  drain(): Promise<void> {
    this.#play();
    this.#isDraining = true;
    const leftUs =
      this.#waitingFrames > 0
        ? this.#waitingFrames / this.#framesPerUs + this.#latencyUs
        : this.#framesUnderWay() / this.#framesPerUs;
    if (leftUs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#clock.setTimer('sink draining', ms(leftUs / US_PER_MS), () => {
        this.#play();
        if (this.#waitingFrames === 0) this.#tellDrained();
      });
    });
  }

  async close(): Promise<void> {
    this.#closings += 1;
    this.#play();
    this.#empty();
    this.#state = 'closed';
    this.#listener = null;
  }

  /** The device is unplugged. */
  lose(): void {
    this.#play();
    this.#empty();
    this.#state = 'closed';
    const listener = this.#listener;
    this.#listener = null;
    listener?.lost(new TonearmError('sink.lost', 'the device was unplugged'));
  }

  /** Puts out what is due by now. Called before anybody looks. */
  #play(): void {
    if (this.#state !== 'running') return;
    const nowUs = this.#clock.nowUs();
    let due = Math.floor((nowUs - this.#playedUntilUs) * this.#framesPerUs);
    while (due > 0) {
      const head = this.#waiting[0];
      if (head === undefined) {
        this.#runDry(due);
        return;
      }
      const count = Math.min(due, head.countFrames - head.takenFrames);
      this.heard.hear(head.samples, head.takenFrames, count, us(Math.round(this.#playedUntilUs + this.#latencyUs)));
      head.takenFrames += count;
      this.#waitingFrames -= count;
      const toUs = this.#playedUntilUs + count / this.#framesPerUs;
      this.#isUnderWay(this.#playedUntilUs, toUs);
      this.#playedUntilUs = toUs;
      due -= count;
      if (head.takenFrames === head.countFrames) this.#waiting.shift();
    }
    if (this.#waitingFrames === 0 && this.#latencyUs === 0) this.#tellDrained();
  }

  #isUnderWay(fromUs: number, toUs: number): void {
    if (this.#latencyUs === 0) return;
    const last = this.#underWay.at(-1);
    if (last?.toUs === fromUs) last.toUs = toUs;
    else this.#underWay.push({ fromUs, toUs });
    const inTheAirUs = toUs - this.#latencyUs;
    this.#underWay = this.#underWay.filter((stretch) => stretch.toUs > inTheAirUs);
    assert(this.#underWay.length <= UNDER_WAY_MAX, `at most ${UNDER_WAY_MAX} stretches are under way to the air`);
  }

  /** Frames that have left the buffer and are not in the air yet. */
  #framesUnderWay(): number {
    const inTheAirUs = this.#playedUntilUs - this.#latencyUs;
    let leftUs = 0;
    for (const { fromUs, toUs } of this.#underWay) leftUs += Math.max(0, toUs - Math.max(fromUs, inTheAirUs));
    return Math.round(leftUs * this.#framesPerUs);
  }

  #runDry(missingFrames: number): void {
    if (!this.#isDry) {
      this.#isDry = true;
      // Played out because it was asked to: nothing is missing.
      if (!this.#isDraining) this.#underruns += 1;
      if (this.#latencyUs === 0) this.#tellDrained();
    }
    this.heard.hearSilence(missingFrames);
    this.#playedUntilUs = this.#clock.nowUs();
  }

  #tellDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #empty(): void {
    this.#underWay = [];
    this.#waiting = [];
    this.#waitingFrames = 0;
    this.#isDry = true;
    this.#tellDrained();
  }
}

function framesPerUs(driftPpm: number): number {
  return (FRAMES_PER_SECOND * (1 + driftPpm / US_PER_SECOND)) / US_PER_SECOND;
}
