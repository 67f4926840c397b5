/**
 * Holds what comes out of a loudspeaker to what its engine was told: every frame between two changes is heard exactly
 * once, nothing of a generation that was replaced comes again, silence is silent, and the position told is the one heard.
 *
 * It reads ramps (see the ramp decoder), which it can at full volume and outside of fades. What it cannot read it counts:
 * over a fade, a pause or a while at another volume the position must have moved by just as many frames as were heard.
 */
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { TrackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { RAMP_SPAN_FRAMES, RAMP_TRACK_STEP } from './ramp-decoder.ts';

/** A faded ramp can look like another for a few frames; what goes on this long is one. Longer than any fade. */
const CERTAIN_FRAMES = 600;
/** Frames heard from an intent to its being heard: the device's buffer of 80 ms, what was mixed for it, a tick and a fade. */
const CHANGE_HEARD_WITHIN_FRAMES = 130 * (FRAMES_PER_SECOND / 1000);
/** How far the position told may be from the one heard, and one resumed after the device was lost. */
const POSITION_OFF_MAX_FRAMES = FRAMES_PER_SECOND / 20;
/** The first frames of a fade read as if there were none. */
const FADE_UNSEEN_FRAMES = 24;
/** Loads and seeks remembered that were not heard: what is told while no loudspeaker is there. */
const STARTS_MAX = 64;
/** What sounds until a newer track can may still come to what was armed behind it. */
const ARMED_KEPT = 8;
/** Problems kept; the first is the one that matters. */
const PROBLEMS_MAX = 10;

export interface AuditedTrack {
  /** That its frames carry. */
  readonly number: number;
  readonly durationFrames: number;
}

/** Sound in which every frame follows the one before. */
interface Stretch {
  readonly track: number;
  readonly fromFrames: number;
  /** Counted in heard frames. */
  readonly heardFrom: number;
  count: number;
  isCertain: boolean;
  /** When what it belongs to was replaced: the heard frame after which nothing of it may be heard. */
  endsBy: number | null;
}

/** The end of the last stretch that was certain. */
interface Place {
  readonly track: number;
  readonly toFrames: number;
  readonly heardTo: number;
  readonly generation: number;
}

interface Start {
  readonly generation: number;
  readonly track: number;
  readonly startFrames: number;
  /** The heard frame before which nothing of it can have been heard. */
  readonly toldAt: number;
}

export class RampAudit {
  readonly #tracks: ReadonlyMap<TrackId, AuditedTrack>;
  readonly #durations: ReadonlyMap<number, number>;
  readonly #problems: string[] = [];
  #heardFrames = 0;
  #open: Stretch | null = null;
  #last: Place | null = null;
  /** Loads and seeks that may still come to be heard, oldest first. */
  #starts: Start[] = [];
  /** The tracks armed of late, newest first: one of them may follow. */
  #armed: number[] = [];
  #currentTrack = 0;
  #generation = 0;
  #isPlaying = false;
  /** The heard frame after which nothing may be. */
  #silentBy: number | null = null;
  /** Times the loudspeaker was lost since the last certain stretch. */
  #losses = 0;
  /** The newest generation that was ready, and from when on nothing older may begin. */
  #ready = { generation: 0, heardBy: 0 };
  #stoodStillUntilUs = -1;
  #certainFrames = 0;
  #underruns = 0;

  constructor(tracks: ReadonlyMap<TrackId, AuditedTrack>) {
    this.#tracks = tracks;
    this.#durations = new Map([...tracks.values()].map(({ number, durationFrames }) => [number, durationFrames]));
  }

  problems(): readonly string[] {
    return this.#problems;
  }

  /** Frames that were read and were what they should be. */
  get certainFrames(): number {
    return this.#certainFrames + (this.#open?.isCertain === true ? this.#open.count : 0);
  }

  /** Called with what the engine is told, before it is, when the loudspeaker has been asked up to now. */
  told(intent: EngineIntent): void {
    switch (intent.kind) {
      case 'load':
        this.#currentTrack = this.#numberOf(intent.trackId);
        this.#begin(intent.generation, intent.startFrames);
        this.#setPlaying(intent.isPlaying);
        return;
      case 'seek':
        this.#begin(intent.generation, intent.positionFrames);
        return;
      case 'setNext':
        if (intent.trackId !== null)
          this.#armed = [this.#numberOf(intent.trackId), ...this.#armed.slice(0, ARMED_KEPT - 1)];
        return;
      case 'play':
      case 'pause':
        this.#setPlaying(intent.kind === 'play');
        return;
      case 'stop':
        this.#setPlaying(false);
        return;
      default:
        return;
    }
  }

  /** Called with what the engine says, when the loudspeaker has been asked up to now. */
  said(event: EngineEvent, nowUs: number): void {
    if (event.kind === 'health') {
      if (event.underruns < this.#underruns)
        this.#object(`underruns fell from ${this.#underruns} to ${event.underruns}`);
      this.#underruns = event.underruns;
    }
    if (event.kind === 'health' || event.generation !== this.#generation) return;
    if (event.kind === 'advanced') this.#currentTrack = this.#numberOf(event.trackId);
    if (event.kind === 'ready') {
      this.#ready = { generation: event.generation, heardBy: this.#heardFrames + CHANGE_HEARD_WITHIN_FRAMES };
      if (this.#open !== null) this.#open.endsBy ??= this.#ready.heardBy;
    }
    if (event.kind === 'position' && event.isSounding && nowUs !== this.#stoodStillUntilUs)
      this.#comparePosition(event);
  }

  /** The loudspeaker was unplugged: what it held is not heard. */
  sinkLost(): void {
    this.#losses += 1;
    this.#close();
  }

  /** The process stood still up to now: what it says before it has looked around again is what it knew before. */
  stoodStill(nowUs: number): void {
    this.#stoodStillUntilUs = nowUs;
  }

  heard(samples: Int16Array, fromFrame: number, countFrames: number): void {
    const before = this.#heardFrames;
    for (let frame = fromFrame; frame < fromFrame + countFrames; frame += 1) {
      this.#hear(samples[frame * 2] ?? 0, samples[frame * 2 + 1] ?? 0);
      this.#heardFrames += 1;
    }
    const open = this.#open;
    if (open === null || open.heardFrom > before || !open.isCertain) return;
    if (open.endsBy !== null && this.#heardFrames > open.endsBy) {
      this.#object(`track ${open.track} goes on at ${open.fromFrames + open.count} after it was replaced`);
    }
    if (this.#silentBy !== null && this.#heardFrames > this.#silentBy) {
      this.#object(`track ${open.track} is heard at ${open.fromFrames + open.count} when nothing should be`);
    }
  }

  #hear(left: number, right: number): void {
    const open = this.#open;
    if (open !== null) {
      const position = open.fromFrames + open.count;
      if (
        left === position % RAMP_SPAN_FRAMES &&
        right === open.track * RAMP_TRACK_STEP + Math.floor(position / RAMP_SPAN_FRAMES)
      ) {
        open.count += 1;
        if (open.count === CERTAIN_FRAMES) this.#explain(open);
        return;
      }
      this.#close();
    }
    if (right < RAMP_TRACK_STEP || left < 0 || left >= RAMP_SPAN_FRAMES) return;
    this.#open = {
      track: Math.floor(right / RAMP_TRACK_STEP),
      fromFrames: (right % RAMP_TRACK_STEP) * RAMP_SPAN_FRAMES + left,
      heardFrom: this.#heardFrames,
      count: 1,
      isCertain: false,
      endsBy: null,
    };
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null || !open.isCertain) return;
    this.#certainFrames += open.count;
    this.#last = {
      track: open.track,
      toFrames: open.fromFrames + open.count,
      heardTo: open.heardFrom + open.count,
      generation: this.#last?.generation ?? 0,
    };
  }

  /** A stretch has lasted long enough to be one: it must follow from what was heard and told before. */
  #explain(stretch: Stretch): void {
    stretch.isCertain = true;
    const last = this.#last;
    const gap = stretch.heardFrom - (last?.heardTo ?? 0);
    const slack = this.#losses * POSITION_OFF_MAX_FRAMES;
    this.#losses = 0;
    const anew = { least: 0, most: gap + FADE_UNSEEN_FRAMES };
    const starts = this.#starts.filter(
      (it) => it.toldAt <= stretch.heardFrom && this.#follows(it.track, it.startFrames, stretch, anew),
    );
    // Two may begin alike, and as what was heard would go on: the one that has been ready is meant.
    // Before what begins at a track's end, behind which this one may have been armed too.
    const direct = starts.filter(
      ({ track, startFrames }) => track === stretch.track && stretch.fromFrames >= startFrames,
    );
    const ready = direct.find(({ generation }) => generation === this.#ready.generation);
    const goesOn = { least: gap - slack, most: gap + slack };
    if (ready === undefined && last !== null && this.#follows(last.track, last.toFrames, stretch, goesOn)) {
      if (this.#isReplaced(last, stretch)) this.#object(`track ${stretch.track} comes again after it was replaced`);
      return;
    }
    const start = ready ?? direct.at(-1) ?? starts.findLast(({ track }) => track === stretch.track) ?? starts.at(-1);
    if (start === undefined) {
      const before = last === null ? 'nothing' : `track ${last.track} up to ${last.toFrames}`;
      const told = this.#starts.map((it) => `${it.generation}: ${it.track} from ${it.startFrames}`).join(', ');
      this.#object(
        `track ${stretch.track} from ${stretch.fromFrames} after ${before} and ${gap} frames between; starts told: ${told}`,
      );
      return;
    }
    this.#starts = this.#starts.filter(({ generation }) => generation > start.generation);
    this.#last = { track: stretch.track, toFrames: 0, heardTo: 0, ...last, generation: start.generation };
  }

  /** Whether what was heard last belongs to a generation in whose place another has long been ready. */
  #isReplaced(last: Place, stretch: Stretch): boolean {
    if (last.generation >= this.#ready.generation || stretch.heardFrom <= this.#ready.heardBy) return false;
    const ready = this.#starts.find(({ generation }) => generation === this.#ready.generation);
    if (ready === undefined) return false;
    // Two generations of one track may begin alike, or come to one track at once: then it cannot be told which was heard.
    return ready.track !== last.track && !this.#armed.includes(last.track);
  }

  /** Whether the stretch is `track` going on from `position`, or what was armed behind its end, so many frames later. */
  #follows(
    track: number,
    position: number,
    stretch: Stretch,
    frames: { readonly least: number; readonly most: number },
  ): boolean {
    const isWithin = (moved: number): boolean => moved >= frames.least && moved <= frames.most;
    if (stretch.track === track && isWithin(stretch.fromFrames - position)) return true;
    if (!this.#armed.includes(stretch.track)) return false;
    const left = (this.#durations.get(track) ?? 0) - position;
    return isWithin(Math.max(0, left) + stretch.fromFrames);
  }

  #comparePosition(event: Extract<EngineEvent, { kind: 'position' }>): void {
    const open = this.#open;
    if (open === null || !open.isCertain || open.count < POSITION_OFF_MAX_FRAMES) return;
    const number = this.#numberOf(event.trackId);
    const heard = open.fromFrames + open.count;
    if (open.track === number && Math.abs(heard - event.positionFrames) <= POSITION_OFF_MAX_FRAMES) return;
    this.#object(`says track ${number} at ${event.positionFrames}, heard is track ${open.track} at ${heard}`);
  }

  #begin(generation: number, startFrames: number): void {
    this.#generation = generation;
    const durationFrames = this.#durations.get(this.#currentTrack) ?? 0;
    this.#starts.push({
      generation,
      track: this.#currentTrack,
      startFrames: Math.min(startFrames, durationFrames),
      toldAt: this.#heardFrames,
    });
    if (this.#starts.length > STARTS_MAX) this.#starts.shift();
  }

  #setPlaying(isPlaying: boolean): void {
    if (isPlaying) this.#silentBy = null;
    else if (this.#isPlaying) this.#silentBy = this.#heardFrames + CHANGE_HEARD_WITHIN_FRAMES;
    this.#isPlaying = isPlaying;
  }

  #numberOf(trackId: TrackId): number {
    return this.#tracks.get(trackId)?.number ?? 0;
  }

  #object(problem: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
  }
}
