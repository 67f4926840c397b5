/**
 * Between the programme and the device: puts sound out, and makes people's changes to what is already on its way.
 *
 * A change first takes back what the device has not put out yet. Then the same sound goes out again otherwise: at another
 * volume, falling to silence for a pause, or falling while what replaces it rises. What a pause leaves waiting is what
 * sounds first afterwards, so that no frame is lost or decoded twice.
 *
 * Sound can begin and end at an instant: the device's own report of what waits in it says which frame will be heard then.
 * A device that is to begin is fed silence first, since one that does not run yet does not know how late it is.
 */
import type { AudioSink, AudioSinkGrant, SinkSamples } from '#device/core/ports/audio-sink';
import { FRAMES_PER_SECOND, frames, type Us } from '#protocol/vocabulary/units';
import { LIMITER_HOLD_FRAMES } from '../mix/limiter.ts';
import { createQuantiser, type Quantiser } from '../mix/quantiser.ts';
import { FADE_FRAMES } from '../mix/ramp.ts';
import { BLOCK_FRAMES, type TaggedVoice } from '../mix/voice.ts';
import { chooseTakeBack, type PlayoutChange } from './choose-take-back.ts';
import { PROGRAMME_EXTRA_FRAMES, type Programme } from './programme.ts';
import { frameHeardAt, leadInFrames } from './start-instant.ts';
import type { Timeline } from './timeline.ts';
import { UnheardSound } from './unheard-sound.ts';
import { VolumeLine } from './volume-line.ts';

const CHANNELS = 2;
/** Beyond the device's buffer: a fade's tail, what replaces it, a block, and what a limiter gives at an end. */
const EXTRA_FRAMES = 2 * FADE_FRAMES + BLOCK_FRAMES + LIMITER_HOLD_FRAMES;
/** A device's buffer is believed up to this: twice the largest latency that can be chosen. */
const BUFFER_FRAMES_MAX = 4 * FRAMES_PER_SECOND;

/**
 * With so little left in it a device is low, in milliseconds: longer than a busy board keeps a thread of this priority waiting.
 * While there is more, what the network owes may still come in time.
 */
export const DEVICE_LOW_MS = 60;
const LOW_FRAMES = (FRAMES_PER_SECOND * DEVICE_LOW_MS) / 1_000;

/** −140 dB: below the last bit of any converter. */
const SILENT_GAIN = 1e-7;

/**
 * 2.5 ms, a quarter of the other fades: silence is to be there 15 ms after a finger said so, and some devices keep most of
 * that out of reach. Long enough that its edge has nothing above 400 Hz that the music had not.
 */
const PAUSE_FADE_FRAMES = FADE_FRAMES / 4;

/** What the first frames of a voice are made of: a fade, what the limiter holds, and what the mixer looks ahead. */
const JOIN_FRAMES = 2 * FADE_FRAMES + LIMITER_HOLD_FRAMES;

interface Device {
  readonly grant: AudioSinkGrant;
  readonly quantiser: Quantiser;
  readonly block: SinkSamples;
  readonly unheard: UnheardSound;
}

export interface OutputStageOptions {
  /** Most that waits in the device. */
  readonly latencyFrames: number;
  /** The same where it can be taken back, if that is more. */
  readonly reserveFrames: number;
  /** Of the dither's noise; null for none. */
  readonly ditherSeed: number | null;
}

export class OutputStage {
  readonly #sink: AudioSink;
  readonly #programme: Programme;
  readonly #timeline: Timeline;
  readonly #options: OutputStageOptions;
  readonly #scratch = new Float32Array((BLOCK_FRAMES + PROGRAMME_EXTRA_FRAMES) * CHANNELS);
  readonly #line = new VolumeLine();
  #device: Device | null = null;
  #isPlaying = false;
  #volume = 1;
  /** The frame before which a pause is silent. */
  #fadeEndFrame = 0;
  #isMixing = false;
  /** What was to be replaced while frames were being mixed: done after that. */
  #deferred: { readonly next: TaggedVoice | null } | null = null;
  #bufferedFrames = 0;
  #hasRun = false;
  #isDraining = false;
  /** Plays, and is silent until this instant. */
  #startAtUs: Us | null = null;
  /** A pause at an instant before which the device cannot be reached without an edge. */
  #pauseAtUs: Us | null = null;

  constructor(
    ports: { readonly sink: AudioSink },
    parts: { readonly programme: Programme; readonly timeline: Timeline },
    options: OutputStageOptions,
  ) {
    this.#sink = ports.sink;
    this.#programme = parts.programme;
    this.#timeline = parts.timeline;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#device !== null;
  }

  /** Most that waits in the device that is open; it may take less. */
  get fillFrames(): number {
    const { latencyFrames, reserveFrames } = this.#options;
    const grant = this.#device?.grant;
    if (grant === undefined || !grant.canRewind) return latencyFrames;
    return Math.max(latencyFrames, Math.min(reserveFrames, grant.bufferFrames));
  }

  /** In the device's own buffer after the last feeding; what is on its way behind that is heard later, and is no reserve. */
  get bufferedFrames(): number {
    return this.#bufferedFrames;
  }

  /** Something is to begin or end at an instant, and not earlier. */
  get waitsForInstant(): boolean {
    return this.#startAtUs !== null || this.#pauseAtUs !== null;
  }

  /** Frames put out since the opening. */
  get sentFrames(): number {
    return this.#device?.unheard.sentFrames ?? 0;
  }

  /** All that is to be put out for now has been. */
  get isAllSent(): boolean {
    const device = this.#device;
    if (device === null || device.unheard.waitingFrames === 0) return true;
    return !this.#isPlaying && device.unheard.sentFrames >= this.#fadeEndFrame;
  }

  open(grant: AudioSinkGrant): void {
    const capacityFrames = Math.min(grant.bufferFrames, BUFFER_FRAMES_MAX) + EXTRA_FRAMES;
    const quantiser = createQuantiser(grant.sampleBits, this.#options.ditherSeed);
    this.#timeline.reset();
    this.#device = {
      grant,
      quantiser,
      block: quantiser.createBlock(BLOCK_FRAMES),
      unheard: new UnheardSound(capacityFrames),
    };
    this.#hasRun = false;
    this.#isDraining = false;
    this.#fadeEndFrame = 0;
    this.#line.move(0, this.#isPlaying ? this.#volume : 0, 0);
  }

  /** What the device held counts as not heard. */
  close(): void {
    this.#device = null;
    this.#timeline.reset();
  }

  play(): void {
    this.#pauseAtUs = null;
    if (this.#startAtUs !== null) {
      this.#startAtUs = null;
      this.#line.move(0, this.#volume, this.sentFrames);
      return;
    }
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#change('resume', (unheard) => this.#line.move(unheard.lastGain, this.#volume, unheard.sentFrames));
  }

  /** The next frame of the programme is heard at this instant, silence before. What waits from a pause is heard at once. */
  playAt(atUs: Us): void {
    this.#pauseAtUs = null;
    const unheard = this.#device?.unheard;
    const isHeard = this.#isPlaying && (unheard?.lastGain ?? 0) >= SILENT_GAIN;
    const waitsFromPause = !this.#isPlaying && (unheard?.waitingFrames ?? 0) > 0;
    if (isHeard || waitsFromPause) {
      this.play();
      return;
    }
    this.#startAtUs = atUs;
    this.#isPlaying = true;
    this.#line.move(0, 0, this.sentFrames);
  }

  /** Falls silent from this instant on. */
  pauseAt(atUs: Us): void {
    const device = this.#device;
    if (device === null || !this.#isPlaying || this.#startAtUs !== null) {
      this.pause();
      return;
    }
    const frame = frameHeardAt(atUs, this.#sink.delay(), device.unheard.sentFrames);
    const isOnItsWay = frame < device.unheard.sentFrames;
    if (isOnItsWay && !device.grant.canRewind) {
      // What waits could only be thrown away: done when it is due.
      this.#pauseAtUs = atUs;
      return;
    }
    this.#isPlaying = false;
    const fall = (unheard: UnheardSound): void => {
      this.#line.move(unheard.lastGain, 0, Math.max(frame, unheard.sentFrames));
      this.#fadeEndFrame = this.#line.endFrame;
    };
    if (isOnItsWay) this.#change('pause', fall);
    else fall(device.unheard);
  }

  /** Does what has become due. @param nowUs on the sink's clock */
  look(nowUs: Us): void {
    if (this.#pauseAtUs === null || nowUs < this.#pauseAtUs) return;
    this.#pauseAtUs = null;
    this.pause();
  }

  pause(): void {
    this.#startAtUs = null;
    this.#pauseAtUs = null;
    if (!this.#isPlaying) return;
    this.#isPlaying = false;
    this.#change('pause', (unheard) => {
      this.#line.move(unheard.lastGain, 0, unheard.sentFrames, PAUSE_FADE_FRAMES);
      this.#fadeEndFrame = this.#line.endFrame;
    });
  }

  /** @param gain amplitude */
  setVolume(gain: number): void {
    if (this.#volume === gain) return;
    this.#volume = gain;
    if (this.#isPlaying && this.#startAtUs === null) {
      this.#change('volume', (unheard) => this.#line.move(unheard.lastGain, gain, unheard.sentFrames));
    }
  }

  /** What sounds falls away while `next` rises; null for silence. */
  replace(next: TaggedVoice | null): void {
    if (this.#isMixing) {
      this.#deferred?.next?.voice.close();
      this.#deferred = { next };
      return;
    }
    if (this.#device === null) {
      this.#programme.replace(next);
      return;
    }
    if (this.#isPlaying && next !== null) this.#prepare(next);
    this.#change('replace', (unheard) => this.#join(unheard, next));
  }

  /** Decodes what the join needs: once sound is taken back, only milliseconds are left to write other in its place. */
  #prepare({ voice }: TaggedVoice): void {
    this.#isMixing = true;
    voice.fill(JOIN_FRAMES);
    this.#isMixing = false;
  }

  /** Writes what the device takes. @returns false when there is nothing more for now; a device that takes nothing is asked again */
  feed(): boolean {
    if (this.#device === null || this.#isMixing) return false;
    this.#isMixing = true;
    const hasMore = this.#write(this.#device);
    this.#isMixing = false;
    const deferred = this.#deferred;
    if (deferred === null) return hasMore;
    this.#deferred = null;
    this.replace(deferred.next);
    return true;
  }

  #change(kind: PlayoutChange, make: (unheard: UnheardSound) => void): void {
    const device = this.#device;
    if (device === null) return;
    this.#takeBack(device, kind);
    this.#isMixing = true;
    make(device.unheard);
    this.#isMixing = false;
    this.feed();
  }

  #takeBack({ grant, unheard }: Device, change: PlayoutChange): void {
    const waitingFrames = Math.min(this.#sink.delay().delayFrames, unheard.reachFrames);
    let choice = chooseTakeBack(change, { canRewind: grant.canRewind, waitingFrames });
    if (choice.kind === 'rewind') {
      const count = this.#sink.rewind(frames(waitingFrames));
      unheard.takenBack(count);
      if (count === 0) choice = chooseTakeBack(change, { canRewind: false, waitingFrames });
    }
    if (choice.kind !== 'drop') return;
    unheard.takenBack(this.#sink.drop());
    unheard.cut();
  }

  #join(unheard: UnheardSound, next: TaggedVoice | null): void {
    const isSilent = unheard.lastGain < SILENT_GAIN;
    if (isSilent) unheard.keep(0);
    else if (this.#isPlaying) this.#lengthenTail(unheard);
    else unheard.keep(Math.max(0, this.#fadeEndFrame - unheard.sentFrames));
    this.#programme.replace(next);
    const isHeardUnder = next !== null && this.#isPlaying;
    this.#timeline.truncate(unheard.sentFrames + (isHeardUnder ? 0 : unheard.waitingFrames));
    if (!this.#isPlaying) {
      this.#fadeEndFrame = Math.min(this.#fadeEndFrame, unheard.sentFrames + unheard.waitingFrames);
      return;
    }
    if (isSilent) {
      if (this.#startAtUs === null) this.#line.move(0, this.#volume, unheard.sentFrames);
      return;
    }
    unheard.fadeOut();
    if (next === null) return;
    const tail = unheard.waitingFrames;
    const count = this.#programme.render(this.#scratch, 0, FADE_FRAMES, false);
    unheard.fadeInUnder(this.#scratch, count);
    // A track shorter than the fade leaves some of the old one alone at its end.
    if (count < tail) this.#timeline.append(null, null, tail - count);
  }

  /** Makes what waits exactly as long as a fade, where it can be: with more of the old track, or less. */
  #lengthenTail(unheard: UnheardSound): void {
    const missing = FADE_FRAMES - unheard.waitingFrames;
    if (missing > 0) unheard.append(this.#scratch, this.#programme.render(this.#scratch, 0, missing, false));
    unheard.keep(FADE_FRAMES);
  }

  #write(device: Device): boolean {
    const { unheard, block, quantiser } = device;
    const fillFrames = Math.min(this.fillFrames, device.grant.bufferFrames);
    let room = this.#startAtUs === null ? this.#room(device.grant) : this.#leadIn(device, this.#startAtUs);
    this.#bufferedFrames = fillFrames - room;
    while (room > 0) {
      const leftToFade = this.#isPlaying ? room : this.#fadeEndFrame - unheard.sentFrames;
      const waitsAfter = this.#startAtUs === null ? LOW_FRAMES - (fillFrames - room) : Number.POSITIVE_INFINITY;
      if (leftToFade <= 0 || !this.#hasWaiting(unheard, Math.min(room, leftToFade), waitsAfter)) {
        return (leftToFade > 0 && this.#programme.isShort) || this.#nothingMore(unheard);
      }
      const straight = this.#line.take(unheard.sentFrames);
      const count = Math.min(room, leftToFade, straight, unheard.nextRunFrames, BLOCK_FRAMES);
      quantiser.quantise(unheard.samples, unheard.nextIndex, block, count, this.#line);
      const taken = this.#sink.write(block, frames(count));
      if (taken === 0) return true;
      unheard.sent(taken, this.#line.first, this.#line.step);
      this.#hasRun = true;
      this.#isDraining = false;
      room -= taken;
      this.#bufferedFrames += taken;
    }
    return true;
  }

  /** Silence up to the instant of a start. @returns frames that may be written now */
  #leadIn({ grant, unheard }: Device, atUs: Us): number {
    const delay = this.#sink.delay();
    const silence = leadInFrames(frameHeardAt(atUs, delay, unheard.sentFrames), {
      toSentFrames: unheard.sentFrames,
      toWaitingFrames: unheard.waitingFrames,
      inDeviceFrames: delay.delayFrames,
      periodFrames: grant.periodFrames,
      bufferFrames: grant.bufferFrames,
    });
    for (let left = silence.countFrames; left > 0; left -= FADE_FRAMES) {
      const count = Math.min(left, FADE_FRAMES);
      this.#scratch.fill(0);
      unheard.append(this.#scratch, count);
      this.#timeline.append(null, null, count);
    }
    if (!silence.isLast) return Math.min(this.#room(grant), unheard.waitingFrames);
    this.#startAtUs = null;
    this.#line.move(0, this.#volume, unheard.sentFrames + unheard.waitingFrames);
    return this.#room(grant);
  }

  /** Mixes more where nothing waits. */
  #hasWaiting(unheard: UnheardSound, count: number, waitsAfter: number): boolean {
    if (unheard.waitingFrames > 0) return true;
    const wanted = Math.min(count, BLOCK_FRAMES);
    unheard.append(this.#scratch, this.#programme.render(this.#scratch, 0, wanted, true, waitsAfter));
    return unheard.waitingFrames > 0;
  }

  /** The device may run empty. */
  #nothingMore(unheard: UnheardSound): false {
    if (!this.#isPlaying && unheard.sentFrames < this.#fadeEndFrame) {
      // Nothing is left that could fade: the pause is silent from here on.
      this.#fadeEndFrame = unheard.sentFrames;
      unheard.cut();
    }
    if (this.#hasRun && !this.#isDraining) {
      this.#isDraining = true;
      void this.#sink.drain();
    }
    return false;
  }

  /** Frames that may be written so that no more than was chosen waits in the device. */
  #room(grant: AudioSinkGrant): number {
    const writable = this.#sink.writableFrames();
    const waiting = grant.bufferFrames - writable;
    return Math.min(writable, Math.max(grant.periodFrames, this.fillFrames) - waiting);
  }
}
