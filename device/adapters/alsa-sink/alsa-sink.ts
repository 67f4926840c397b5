/**
 * Sound through ALSA, never blocking: the loudspeaker of a real speaker.
 *
 * What the addon's calls mean is decided here: running empty while more was meant to come is an underrun and recovered
 * from; while draining it is the end; what cannot be recovered from means that the device is gone.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { assert, ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames, us } from '#protocol/vocabulary/units';
import { ALSA_ERROR, ALSA_STATE, type AlsaAddon, type AlsaDevice, loadAlsaAddon } from './alsa-addon.ts';

/** 10 ms: the grain of the device's own bookkeeping, and of when it starts. */
const PERIOD_FRAMES = FRAMES_PER_SECOND / 100;
/** A device wants at least two periods. */
const BUFFER_FRAMES_MIN = 2 * PERIOD_FRAMES;
/** How often a device that plays out is looked at. */
const DRAIN_LOOK_MS = ms(10);
/** A time stamp older than this, or from the future, is from another clock (some plug-ins stamp with the calendar's). */
const STAMP_AGE_US_MAX = 1_000_000;
/** Fastest that a device plays, in frames per microsecond: 1 % above its rate, far beyond any oscillator. */
const FRAMES_PER_US_MAX = (FRAMES_PER_SECOND / 1_000_000) * 1.01;
/** Playing out takes the buffer's length; a device that hangs is not waited for. */
const DRAIN_LOOKS_MAX = 500;

/**
 * @param root folder that holds `.build/addons`
 * @param device an ALSA PCM name: `default`, `hw:0`, `plughw:1,0`
 */
export function createAlsaSink(clock: Clock, root: string, device: string): AudioSink {
  return new AlsaSink(clock, root, device);
}

interface OpenDevice {
  readonly addon: AlsaAddon;
  readonly handle: AlsaDevice;
  readonly bufferFrames: number;
  readonly listener: AudioSinkListener;
}

interface Drain {
  readonly untilFrame: number;
  resolve(): void;
}

class AlsaSink implements AudioSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #root: string;
  readonly #deviceName: string;
  readonly #status = new Float64Array(3);
  #open: OpenDevice | null = null;
  #writtenFrames = 0;
  #underruns = 0;
  /** Since the device last began to play: when, and after how many frames written. */
  #runFromUs = 0;
  #runFromFrame = 0;
  /** Told to play out: running empty is no underrun until something is written again. */
  #isDraining = true;
  #drains: Drain[] = [];
  #drainLooks = 0;
  #drainTimer: Timer | null = null;

  constructor(clock: Clock, root: string, device: string) {
    this.#clock = clock;
    this.#root = root;
    this.#deviceName = device;
    this.name = `alsa:${device}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    const addon = loadAlsaAddon(this.#root);
    if (!addon.ok) return addon;
    const wanted = Math.max(BUFFER_FRAMES_MIN, msToFrames(request.latency));
    try {
      const opened = addon.value.open(this.#deviceName, request.rate, request.channels, wanted, PERIOD_FRAMES);
      const { bufferFrames, periodFrames, playsToNobody } = opened;
      this.#open = { addon: addon.value, handle: opened.device, bufferFrames, listener };
      this.#writtenFrames = 0;
      this.#underruns = 0;
      this.#isDraining = true;
      const problem = new TonearmError(
        'sink.unavailable',
        `the ALSA device "${this.#deviceName}" is a null device: it makes no sound`,
      );
      return ok({
        rate: hz(request.rate),
        channels: 2,
        bufferFrames: frames(bufferFrames),
        periodFrames: frames(periodFrames),
        sampleBits: 16,
        canRewind: false,
        ...(playsToNobody ? { problem } : {}),
      });
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const message = `ALSA device "${this.#deviceName}": ${reason}`;
      return refused(new TonearmError('sink.unavailable', message, { cause: thrown }));
    }
  }

  writableFrames(): Frames {
    const open = this.#open;
    if (open === null) return frames(0);
    const available = open.addon.avail(open.handle);
    if (available >= 0) return frames(Math.min(open.bufferFrames, available));
    return this.#recover(open, available) ? frames(open.bufferFrames) : frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    assert(samples instanceof Int16Array, 'a sink is written as wide as it granted');
    const open = this.#open;
    if (open === null || count === 0) return frames(0);
    if (this.#isDraining) this.#beginRun();
    let taken = open.addon.write(open.handle, samples, count);
    if (taken < 0 && taken !== ALSA_ERROR.again && this.#recover(open, taken)) {
      this.#beginRun();
      taken = open.addon.write(open.handle, samples, count);
    }
    if (taken <= 0) return frames(0);
    this.#isDraining = false;
    this.#writtenFrames += taken;
    return frames(taken);
  }

  delay(): AudioSinkDelay {
    const open = this.#open;
    const now = this.#clock.nowUs();
    if (open === null || open.addon.status(open.handle, this.#status) < 0) return { delayFrames: frames(0), atUs: now };
    const [state = 0, delay = 0, ageUs = 0] = this.#status;
    const isWaiting = state === ALSA_STATE.running || state === ALSA_STATE.prepared;
    const delayFrames = frames(isWaiting ? Math.min(this.#writtenFrames, Math.max(this.#leastDelay(now), delay)) : 0);
    const isPlausible = state === ALSA_STATE.running && ageUs >= 0 && ageUs < STAMP_AGE_US_MAX;
    return { delayFrames, atUs: isPlausible ? us(Math.round(now - ageUs)) : now };
  }

  rewind(): Frames {
    return frames(0);
  }

  drop(): Frames {
    const open = this.#open;
    if (open === null) return frames(0);
    const { delayFrames } = this.delay();
    this.#check(open, open.addon.reset(open.handle));
    this.#writtenFrames -= delayFrames;
    this.#isDraining = true;
    this.#finishDrains();
    return delayFrames;
  }

  underruns(): number {
    return this.#underruns;
  }

  drain(): Promise<void> {
    const open = this.#open;
    if (open === null || this.delay().delayFrames === 0) {
      this.#isDraining = true;
      return Promise.resolve();
    }
    // Less than a period does not start by itself.
    if (this.#status[0] === ALSA_STATE.prepared) this.#check(open, open.addon.start(open.handle));
    this.#isDraining = true;
    return new Promise((resolve) => {
      this.#drains.push({ untilFrame: this.#writtenFrames, resolve });
      this.#drainLooks = 0;
      this.#lookWhileDraining();
    });
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#finishDrains();
    open?.addon.close(open.handle);
  }

  #beginRun(): void {
    this.#runFromUs = this.#clock.nowUs();
    this.#runFromFrame = this.#writtenFrames;
  }

  /** What cannot have been played yet. PulseAudio's plug-in says 0 until it has heard from its server for the first time. */
  #leastDelay(nowUs: number): number {
    const inRun = this.#writtenFrames - this.#runFromFrame;
    return Math.max(0, Math.floor(inRun - (nowUs - this.#runFromUs) * FRAMES_PER_US_MAX));
  }

  /** After an error: true when the device can be written again. */
  #recover(open: OpenDevice, code: number): boolean {
    if (code === ALSA_ERROR.xrun && !this.#isDraining) this.#underruns += 1;
    // Not available while it is still waking up; asked again at the next tick.
    if (code === ALSA_ERROR.again) return false;
    return this.#check(open, open.addon.recover(open.handle, code));
  }

  #check(open: OpenDevice, code: number): boolean {
    if (code >= 0) return true;
    if (code === ALSA_ERROR.again || this.#open !== open) return false;
    const reason = open.addon.strerror(code);
    void this.close();
    open.listener.lost(new TonearmError('sink.lost', `ALSA device "${this.#deviceName}": ${reason}`));
    return false;
  }

  #lookWhileDraining(): void {
    if (this.#drainTimer !== null) return;
    this.#drainTimer = this.#clock.setTimer('alsa.drain', DRAIN_LOOK_MS, () => {
      this.#drainTimer = null;
      this.#look();
    });
  }

  #look(): void {
    const { delayFrames } = this.delay();
    const played = this.#writtenFrames - delayFrames;
    this.#drainLooks += 1;
    const isHanging = this.#drainLooks > DRAIN_LOOKS_MAX;
    const done = this.#drains.filter((drain) => isHanging || drain.untilFrame <= played);
    this.#drains = this.#drains.filter((drain) => !done.includes(drain));
    // Stands still and clean until it is written again, instead of reporting an underrun then.
    if (this.#isDraining && delayFrames === 0 && this.#open !== null) {
      this.#check(this.#open, this.#open.addon.reset(this.#open.handle));
    }
    for (const { resolve } of done) resolve();
    if (this.#drains.length > 0) this.#lookWhileDraining();
  }

  #finishDrains(): void {
    this.#drainTimer?.cancel();
    this.#drainTimer = null;
    const drains = this.#drains;
    this.#drains = [];
    for (const { resolve } of drains) resolve();
  }
}
