/**
 * Sound through ALSA or a PulseAudio server, never blocking: the loudspeaker of a real speaker.
 *
 * What the addons' calls mean is decided here: running empty while more was meant to come is an underrun and recovered
 * from; while draining it is the end; what cannot be recovered from means that the device is gone.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SampleBits,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import {
  FRAMES_PER_SECOND,
  FRAMES_PER_US,
  type Frames,
  frames,
  hz,
  type Ms,
  ms,
  msToFrames,
  us,
} from '#protocol/vocabulary/units';
import {
  ADDON_TITLES,
  loadSinkAddon,
  SINK_ERROR,
  SINK_STATE,
  type SinkAddon,
  type SinkAddonKind,
  type SinkDevice,
  type SinkOpened,
} from './sink-addon.ts';

/** 10 ms: the grain of the device's own bookkeeping, and of when it starts. */
const PERIOD_FRAMES = FRAMES_PER_SECOND / 100;
/** 20 ms: two looks of the pacer. */
const TOP_UP_FRAMES = 2 * PERIOD_FRAMES;
/** A shorter buffer has no 20 ms to spare. */
const TOPPED_UP_FROM_FRAMES = 4 * TOP_UP_FRAMES;
/** A device wants at least two periods. */
const BUFFER_FRAMES_MIN = 2 * PERIOD_FRAMES;
/** How often a device that plays out is looked at. */
const DRAIN_LOOK_MS = ms(10);
/** A time stamp older than this, or from the future, is from another clock (some plug-ins stamp with the calendar's). */
const STAMP_AGE_US_MAX = 1_000_000;
/** Fastest that a device plays, in frames per microsecond: 1 % above its rate, far beyond any oscillator. */
const FRAMES_PER_US_MAX = FRAMES_PER_US * 1.01;
/** How often a device that nobody writes to is looked at, so that its going away is noticed. */
const IDLE_LOOK_MS = ms(1_000);
/** What was taken back and is not written again by then is to be silent; still before it is due. */
const REWRITE_WITHIN_MS = ms(3);
/** Playing out takes the buffer's length; a device that hangs is not waited for. */
const DRAIN_LOOKS_MAX = 500;

/**
 * @param root folder that holds `.build/addons`
 * @param device of `alsa` a PCM name: `default`, `hw:0`, `plughw:1,0`; of `pulse` a sink's name, or '' for its default
 */
export function createNativeSink(clock: Clock, root: string, kind: SinkAddonKind, device: string): AudioSink {
  return new NativeSink(clock, root, kind, device);
}

interface OpenDevice {
  readonly addon: SinkAddon;
  readonly handle: SinkDevice;
  readonly bufferFrames: number;
  readonly canRewind: boolean;
  readonly listener: AudioSinkListener;
}

interface Drain {
  readonly untilFrame: number;
  resolve(): void;
}

class NativeSink implements AudioSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #root: string;
  readonly #kind: SinkAddonKind;
  readonly #deviceName: string;
  readonly #status = new Float64Array(3);
  #open: OpenDevice | null = null;
  /** Known of a sound server; of a card once it has been open. */
  #givesBack: boolean;
  /** Openings and closings so far: a device that opens after it was given up is closed again. */
  #generation = 0;
  #idleTimer: Timer | null = null;
  #rewoundTimer: Timer | null = null;
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

  constructor(clock: Clock, root: string, kind: SinkAddonKind, device: string) {
    this.#clock = clock;
    this.#root = root;
    this.#kind = kind;
    this.#deviceName = device;
    this.#givesBack = kind === 'pulse';
    this.name = device === '' ? kind : `${kind}:${device}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    const closing = this.close();
    const mine = this.#generation;
    await closing;
    const loaded = loadSinkAddon(this.#root, this.#kind);
    if (!loaded.ok) return loaded;
    const addon = loaded.value;
    let opened: SinkOpened;
    try {
      opened = await this.#openDevice(addon, request);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return refused(new TonearmError('sink.unavailable', `${this.#title()}: ${reason}`, { cause: thrown }));
    }
    if (mine !== this.#generation) {
      addon.close(opened.device);
      return refused(new TonearmError('sink.unavailable', `${this.#title()}: closed while it was opening`));
    }
    const { bufferFrames, canRewind } = opened;
    this.#open = { addon, handle: opened.device, bufferFrames, canRewind, listener };
    this.#writtenFrames = 0;
    this.#underruns = 0;
    this.#isDraining = true;
    this.#lookWhileIdle();
    return ok(this.#granted(request, opened));
  }

  writableFrames(): Frames {
    const open = this.#open;
    if (open === null) return frames(0);
    const available = open.addon.avail(open.handle);
    // Each write costs our process and the server's a turn, so a long buffer is topped up in pieces that are worth it.
    const isLong = this.#kind === 'pulse' && open.bufferFrames >= TOPPED_UP_FROM_FRAMES;
    if (isLong && available >= 0 && available < TOP_UP_FRAMES) return frames(0);
    if (available >= 0) return frames(Math.min(open.bufferFrames, available));
    return this.#recover(open, available) ? frames(open.bufferFrames) : frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    const open = this.#open;
    if (open === null || count === 0) return frames(0);
    if (this.#isDraining) this.#beginRun();
    let taken = open.addon.write(open.handle, samples, count);
    if (taken < 0 && taken !== SINK_ERROR.again && this.#recover(open, taken)) {
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
    const isWaiting = state === SINK_STATE.running || state === SINK_STATE.prepared;
    const delayFrames = frames(isWaiting ? Math.min(this.#writtenFrames, Math.max(this.#leastDelay(now), delay)) : 0);
    const isPlausible = state === SINK_STATE.running && ageUs >= 0 && ageUs < STAMP_AGE_US_MAX;
    return { delayFrames, atUs: isPlausible ? us(Math.round(now - ageUs)) : now };
  }

  rewind(count: Frames): Frames {
    const open = this.#open;
    if (open === null || !open.canRewind || count === 0) return frames(0);
    // What cannot be taken back is heard; whatever else is wrong, the next write finds out.
    const taken = Math.max(0, Math.min(count, this.#writtenFrames, open.addon.rewind(open.handle, count)));
    this.#writtenFrames -= taken;
    this.#rewoundTimer?.cancel();
    // Any look at the device will do.
    this.#rewoundTimer = this.#clock.setTimer(`${this.#kind}.rewound`, REWRITE_WITHIN_MS, () => void this.delay());
    return frames(taken);
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
    if (this.#status[0] === SINK_STATE.prepared) this.#check(open, open.addon.start(open.handle));
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
    this.#generation += 1;
    this.#idleTimer?.cancel();
    this.#rewoundTimer?.cancel();
    this.#finishDrains();
    open?.addon.close(open.handle);
  }

  /** A device that turns out to give sound back is opened once more, with what may wait in it then; from then on it is known. */
  async #openDevice(addon: SinkAddon, request: AudioSinkRequest): Promise<SinkOpened> {
    const { rate, channels, sampleBits, latency, reserve = latency } = request;
    const openWith = (wait: Ms): Promise<SinkOpened> => {
      const buffer = Math.max(BUFFER_FRAMES_MIN, msToFrames(wait));
      return addon.open(this.#deviceName, rate, channels, buffer, PERIOD_FRAMES, sampleBits);
    };
    const longest = ms(Math.max(latency, reserve));
    if (this.#givesBack) return openWith(longest);
    const opened = await openWith(latency);
    this.#givesBack = opened.canRewind;
    if (!opened.canRewind || opened.bufferFrames >= msToFrames(longest)) return opened;
    addon.close(opened.device);
    return openWith(longest);
  }

  #title(): string {
    return `${ADDON_TITLES[this.#kind]} device "${this.#deviceName === '' ? 'default' : this.#deviceName}"`;
  }

  #granted(request: AudioSinkRequest, opened: SinkOpened): AudioSinkGrant {
    const silent = `the ${this.#title()} is a null device: it makes no sound`;
    return {
      rate: hz(request.rate),
      channels: 2,
      bufferFrames: frames(opened.bufferFrames),
      periodFrames: frames(opened.periodFrames),
      sampleBits: opened.sampleBits as SampleBits,
      canRewind: opened.canRewind,
      ...(opened.playsToNobody ? { problem: new TonearmError('sink.unavailable', silent) } : {}),
    };
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
    if (code === SINK_ERROR.xrun && !this.#isDraining) this.#underruns += 1;
    // Not available while it is still waking up; asked again at the next tick.
    if (code === SINK_ERROR.again) return false;
    return this.#check(open, open.addon.recover(open.handle, code));
  }

  #check(open: OpenDevice, code: number): boolean {
    if (code >= 0) return true;
    if (code === SINK_ERROR.again || this.#open !== open) return false;
    const reason = open.addon.strerror(code);
    void this.close();
    open.listener.lost(new TonearmError('sink.lost', `${this.#title()}: ${reason}`));
    return false;
  }

  #lookWhileIdle(): void {
    this.#idleTimer = this.#clock.setTimer(`${this.#kind}.idle`, IDLE_LOOK_MS, () => {
      if (this.#isDraining && this.#drains.length === 0) this.writableFrames();
      if (this.#open !== null) this.#lookWhileIdle();
    });
  }

  #lookWhileDraining(): void {
    if (this.#drainTimer !== null) return;
    this.#drainTimer = this.#clock.setTimer(`${this.#kind}.drain`, DRAIN_LOOK_MS, () => {
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
