/**
 * An audio engine without audio: tracks of given lengths pass in virtual time, so that a whole evening costs
 * milliseconds and every race between what is told and what is heard can be had again.
 *
 * It keeps the port's promises and no more: intents take effect after a delay (a worker thread is never instant), late
 * events of an old generation do occur, and a track that is not known fails like one that is not there.
 */
import type { AudioEngine, EngineEvent, EngineIntent, HintReason, StartInstant } from '#device/core/ports/audio-engine';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { ErrorBody } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, type Frames, frames, framesToMs, type Ms, ms, type Us } from '#protocol/vocabulary/units';

export interface VirtualAudioEngineOptions {
  /** Lengths; a track that is not among them fails. */
  readonly durations: (trackId: TrackId) => Frames | null;
  /** From an intent to its effect. */
  readonly intentDelay?: Ms;
  /** From a load or seek to `ready`. */
  readonly readyAfter?: Ms;
}

const INTENT_DELAY_DEFAULT = ms(1);
const READY_AFTER_DEFAULT = ms(50);
const POSITION_EVERY = ms(1_000);
const BUFFERED_WHEN_READY = ms(10_000);
const US_PER_SECOND = 1_000_000;
const US_PER_MS = 1_000;

interface Current {
  readonly generation: number;
  readonly trackId: TrackId;
  readonly durationFrames: Frames;
  readonly isReady: boolean;
  readonly isPlaying: boolean;
  readonly positionFrames: number;
  readonly atUs: Us;
}

export class VirtualAudioEngine implements AudioEngine {
  /** Everything it was told, in order. */
  readonly intents: EngineIntent[] = [];
  /** What was heard, in order: a track once per time it began to sound, and again after each seek. */
  readonly heard: { trackId: TrackId; fromFrames: number }[] = [];
  volume: number | null = null;
  bridgeUrl: string | null = null;
  readonly hints: Record<HintReason, readonly TrackId[]> = { queue: [], shown: [] };
  readonly #clock: Clock;
  readonly #options: VirtualAudioEngineOptions;
  #listener: (event: EngineEvent) => void = () => undefined;
  #current: Current | null = null;
  #next: TrackId | null = null;
  #starved = false;
  #closed = false;
  #timers: Timer[] = [];
  /** Of a start or a pause at an instant. */
  #instant: Timer | null = null;
  #start: StartInstant | null = null;
  readonly #inFlight = new Set<Timer>();

  constructor(clock: Clock, options: VirtualAudioEngineOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  send(intent: EngineIntent): void {
    if (this.#closed) return;
    this.intents.push(intent);
    const timer = this.#clock.setTimer(
      'virtual-engine-intent',
      this.#options.intentDelay ?? INTENT_DELAY_DEFAULT,
      () => {
        this.#inFlight.delete(timer);
        this.#take(intent);
      },
    );
    this.#inFlight.add(timer);
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#forget();
    for (const timer of this.#inFlight) timer.cancel();
    this.#inFlight.clear();
  }

  /** Whether sound is coming out now. */
  isSounding(): boolean {
    return this.#current?.isReady === true && this.#current.isPlaying && !this.#starved;
  }

  /** The track at the loudspeaker and where it is; null when nothing is loaded. */
  position(): { trackId: TrackId; positionFrames: number } | null {
    if (this.#current === null) return null;
    return { trackId: this.#current.trackId, positionFrames: this.#positionNow(this.#current) };
  }

  /** The network gives no more: silent until `feed`. */
  starve(): void {
    this.#settle();
    this.#starved = true;
    if (this.#current !== null) this.#emit({ kind: 'starved', generation: this.#current.generation });
    this.#schedule();
  }

  feed(): void {
    this.#settle();
    this.#starved = false;
    this.#reportPosition();
    this.#schedule();
  }

  /** Something about the output changed. */
  reportHealth(underruns: number, outputProblem: ErrorBody | null): void {
    const bufferedMs = this.#current?.isReady === true ? BUFFERED_WHEN_READY : ms(0);
    this.#emit({ kind: 'health', bufferedMs, underruns, output: 'virtual', outputProblem });
  }

  #take(intent: EngineIntent): void {
    switch (intent.kind) {
      case 'load':
        this.#forgetInstant();
        this.#next = null;
        this.#begin(intent.generation, intent.trackId, intent.startFrames, intent.isPlaying);
        return;
      case 'seek':
        if (this.#current === null) return;
        // It begins at its instant all the same, but not on the line that was given up.
        this.#start = null;
        this.#begin(intent.generation, this.#current.trackId, intent.positionFrames, this.#current.isPlaying);
        return;
      case 'setNext':
        this.#arm(intent.generation, intent.trackId);
        return;
      case 'play':
        this.#forgetInstant();
        if (intent.startAt === undefined) this.#setPlaying(true);
        else this.#startAt(intent.startAt);
        return;
      case 'pause':
        this.#forgetInstant();
        if (intent.atUs === undefined) this.#setPlaying(false);
        else this.#at(intent.atUs, () => this.#setPlaying(false));
        return;
      case 'setVolume':
        this.volume = intent.volume;
        return;
      case 'setBridge':
        this.bridgeUrl = intent.url;
        return;
      case 'setHints':
        this.hints[intent.reason] = intent.trackIds;
        return;
      case 'say':
        return;
      case 'stop':
        this.#forget();
        return;
    }
  }

  #startAt(start: StartInstant): void {
    this.#start = start;
    this.#at(start.atUs, () => {
      this.#setPlaying(true);
    });
  }

  #at(atUs: Us, then: () => void): void {
    const left = ms(Math.max(0, (atUs - this.#clock.nowUs()) / US_PER_MS));
    this.#instant = this.#clock.setTimer('virtual-engine-instant', left, then);
  }

  #forgetInstant(): void {
    this.#instant?.cancel();
    this.#instant = null;
    this.#start = null;
  }

  /** On the line of a start at an instant: where it is to be now. */
  #onLine(positionFrames: number): number {
    const start = this.#start;
    this.#start = null;
    if (start === null) return positionFrames;
    const lateUs = Math.max(0, this.#clock.nowUs() - start.atUs);
    return start.positionFrames + (lateUs * FRAMES_PER_SECOND) / US_PER_SECOND;
  }

  #begin(generation: number, trackId: TrackId, startFrames: Frames, isPlaying: boolean): void {
    this.#cancelTimers();
    const durationFrames = this.#options.durations(trackId);
    if (durationFrames === null) {
      this.#current = null;
      this.#emit({ kind: 'failed', generation, trackId, error: notThere(trackId) });
      return;
    }
    const positionFrames = Math.min(startFrames, durationFrames);
    const atUs = this.#clock.nowUs();
    this.#current = { generation, trackId, durationFrames, isReady: false, isPlaying, positionFrames, atUs };
    this.#timer('virtual-engine-ready', this.#options.readyAfter ?? READY_AFTER_DEFAULT, () => this.#becomeReady());
  }

  #becomeReady(): void {
    const current = this.#current;
    if (current === null) return;
    const positionFrames = current.isPlaying
      ? Math.min(current.durationFrames, this.#onLine(current.positionFrames))
      : current.positionFrames;
    this.#current = { ...current, positionFrames, isReady: true, atUs: this.#clock.nowUs() };
    const { generation, trackId, durationFrames } = current;
    this.#emit({ kind: 'ready', generation, trackId, durationFrames });
    this.#soundOn();
  }

  #soundOn(): void {
    const current = this.#current;
    if (current !== null && this.isSounding()) {
      this.heard.push({ trackId: current.trackId, fromFrames: Math.floor(current.positionFrames) });
    }
    this.#reportPosition();
    this.#schedule();
  }

  #arm(generation: number, trackId: TrackId | null): void {
    if (this.#current === null || this.#current.generation !== generation) return;
    this.#next = trackId;
    if (trackId !== null && this.#options.durations(trackId) === null) {
      this.#next = null;
      this.#emit({ kind: 'nextFailed', generation, trackId, error: notThere(trackId) });
    }
  }

  #setPlaying(isPlaying: boolean): void {
    if (this.#current === null || this.#current.isPlaying === isPlaying) return;
    this.#settle();
    const { isReady, durationFrames } = this.#current;
    const positionFrames =
      isPlaying && isReady
        ? Math.min(durationFrames, this.#onLine(this.#current.positionFrames))
        : this.#current.positionFrames;
    this.#current = { ...this.#current, positionFrames, isPlaying };
    if (this.#current.isReady) this.#soundOn();
  }

  /** Makes the position a fact as of now. */
  #settle(): void {
    if (this.#current === null) return;
    this.#current = { ...this.#current, positionFrames: this.#positionNow(this.#current), atUs: this.#clock.nowUs() };
  }

  #positionNow(current: Current): number {
    if (!this.isSounding()) return current.positionFrames;
    const elapsed = ((this.#clock.nowUs() - current.atUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
    return Math.min(current.durationFrames, current.positionFrames + elapsed);
  }

  #schedule(): void {
    this.#cancelTimers();
    const current = this.#current;
    if (current === null || !this.isSounding()) return;
    const left = Math.ceil(framesToMs(frames(Math.ceil(current.durationFrames - current.positionFrames))));
    this.#timer('virtual-engine-end', ms(left), () => this.#finish());
    this.#timer('virtual-engine-position', POSITION_EVERY, () => {
      this.#settle();
      this.#reportPosition();
      this.reportHealth(0, null);
      this.#schedule();
    });
  }

  #finish(): void {
    this.#cancelTimers();
    const current = this.#current;
    if (current === null) return;
    const { generation, trackId } = current;
    const following = this.#next;
    const durationFrames = following === null ? null : this.#options.durations(following);
    this.#next = null;
    if (following === null || durationFrames === null) {
      this.#current = null;
      this.#emit({ kind: 'ended', generation, trackId });
      return;
    }
    this.#current = { ...current, trackId: following, durationFrames, positionFrames: 0, atUs: this.#clock.nowUs() };
    this.#emit({ kind: 'advanced', generation, trackId: following, durationFrames });
    this.#soundOn();
  }

  #reportPosition(): void {
    if (this.#current === null) return;
    const { generation, trackId, positionFrames, atUs } = this.#current;
    const isSounding = this.isSounding();
    const whole = frames(Math.floor(positionFrames));
    this.#emit({ kind: 'position', generation, trackId, positionFrames: whole, atUs, isSounding });
  }

  #emit(event: EngineEvent): void {
    if (!this.#closed) this.#listener(event);
  }

  #forget(): void {
    this.#forgetInstant();
    this.#cancelTimers();
    this.#current = null;
    this.#next = null;
  }

  #timer(name: string, delay: Ms, callback: () => void): void {
    this.#timers.push(this.#clock.setTimer(name, delay, callback));
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }
}

function notThere(trackId: TrackId): ErrorBody {
  return { code: 'catalogue.not-found', message: `no track ${trackId}` };
}
