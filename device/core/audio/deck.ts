/**
 * What is loaded, what is armed after it, and which of the two is heard: the engine's state machine.
 *
 * The state is a union, each variant with just what exists then. Inputs are the intents about tracks, progress of the
 * slots, and the pacer's ticks; outputs are calls on the mixer and events. All that belongs to an older generation has
 * lost its slot, and with it the way to be heard of.
 */
import type { EngineEvent } from '#device/core/ports/audio-engine';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { type Frames, frames, framesToMs, type Ms, ms } from '#protocol/vocabulary/units';
import { prefetchFactsOf, readingPlace, wantWhatIsPlanned } from './deck-plan.ts';
import { type DeckState, heardTrack, isActive, type Loading, preparedSlot, type Running } from './deck-state.ts';
import { chooseJoin } from './mix/choose-join.ts';
import type { Mixer } from './mix/mixer.ts';
import type { TaggedVoice } from './mix/voice.ts';
import type { HeardPlace } from './playout/pacer.ts';
import type { PlayTag } from './playout/play-tag.ts';
import type { PrefetchFacts } from './prefetch/prefetcher.ts';
import { RESUME_FRAMES, TrackSlot, type TrackSlotPorts } from './track-slot.ts';

const ZERO = frames(0);

export interface DeckView {
  emit(event: EngineEvent): void;
  /** There may be something new to play. */
  wake(): void;
  /** What sounds falls away while `next` rises; null for silence. */
  replace(next: TaggedVoice | null): void;
  heard(): HeardPlace | null;
  isAllHeard(): boolean;
  isPlaying(): boolean;
  /** Where a track that is to begin at `positionFrames` begins now: further on, if its start at an instant is late. */
  startFrames(positionFrames: Frames): Frames;
  /** The stretch just reported has changed: tell the position. */
  positionChanged(): void;
}

export class Deck {
  readonly #ports: TrackSlotPorts;
  readonly #mixer: Mixer;
  readonly #view: DeckView;
  readonly #crossfadeFrames: number;
  #state: DeckState = { kind: 'idle' };
  #starvations = 0;

  /** @param options.crossfadeFrames how long one track fades into the next where they may; 0: never */
  constructor(ports: TrackSlotPorts, mixer: Mixer, view: DeckView, options: { readonly crossfadeFrames: number }) {
    this.#ports = ports;
    this.#mixer = mixer;
    this.#view = view;
    this.#crossfadeFrames = options.crossfadeFrames;
  }

  get isLoaded(): boolean {
    return isActive(this.#state);
  }

  /** Times sound stopped for want of data. */
  get starvations(): number {
    return this.#starvations;
  }

  load(generation: number, trackId: TrackId, startFrames: Frames): void {
    const prepared = preparedSlot(this.#state, trackId);
    this.#closeSlots(prepared);
    this.#silenceUnlessPlaying();
    const slot = prepared ?? this.#openSlot(trackId);
    this.#enterLoading({ generation, slot, positionFrames: startFrames, next: null, isReadyTold: false });
  }

  seek(generation: number, positionFrames: Frames): void {
    const state = this.#state;
    if (!isActive(state)) return;
    this.#silenceUnlessPlaying();
    const { slot, next } = state.kind === 'running' ? heardTrack(state) : state;
    this.#enterLoading({ generation, slot, positionFrames, next, isReadyTold: false });
  }

  /** What was loaded is to start at an instant: begins further on where that is too near already. */
  moveOn(): void {
    const state = this.#state;
    if (state.kind !== 'running') return;
    const positionFrames = this.#view.startFrames(state.startFrames);
    if (positionFrames === state.startFrames) return;
    this.#view.replace(null);
    const { slot, next } = heardTrack(state);
    this.#enterLoading({ generation: state.generation, slot, positionFrames, next, isReadyTold: true });
  }

  setNext(generation: number, trackId: TrackId | null): void {
    const state = this.#state;
    if (!isActive(state) || state.generation !== generation) return;
    if (state.next !== null && state.next.trackId === trackId && state.next.failure === null) return;
    // What is mixed already and not heard yet follows as it is: told so late, it is told what it knows.
    if (state.kind === 'running' && state.before !== null && state.slot.trackId === trackId) return;
    state.next?.close();
    this.#state = { ...state, next: trackId === null ? null : this.#openSlot(trackId) };
    this.replan();
    this.#view.wake();
  }

  /** Fades out and forgets. */
  unload(): void {
    this.#closeSlots();
    this.#view.replace(null);
    this.#state = { kind: 'idle' };
  }

  /** The device went away: goes on from the last frame that was heard, once it is back. */
  rewindToHeard(heard: HeardPlace | null): void {
    const state = this.#state;
    this.#view.replace(null);
    if (state.kind !== 'running') return;
    const { slot, next } = heard?.tag === state.tag ? state : heardTrack(state);
    const isKnown = heard !== null && (heard.tag === state.tag || heard.tag === state.before?.tag);
    const positionFrames = isKnown ? heard.positionFrames : state.startFrames;
    this.#enterLoading({ generation: state.generation, slot, positionFrames, next, isReadyTold: true });
  }

  nudge(): void {
    const state = this.#state;
    if (!isActive(state)) return;
    state.slot.fetcher.nudge();
    state.next?.fetcher.nudge();
  }

  /** For the mixer: how many frames before its track's end the next one should begin; 0: after it. */
  crossfadeFrames(): number {
    const state = this.#state;
    if (this.#crossfadeFrames === 0 || state.kind !== 'running' || state.before !== null) return 0;
    const [current, next] = [state.slot.manifest, state.next?.manifest ?? null];
    if (current === null || next === null) return 0;
    const join = chooseJoin(this.#crossfadeFrames, current, next);
    if (join.kind === 'gapless') return 0;
    // Once the next one has begun nothing more of this one is fetched.
    const { positionFrames, segment } = readingPlace(state, this.#mixer);
    return state.slot.heldAhead(positionFrames, segment).isToEnd ? join.lengthFrames : 0;
  }

  /** For the mixer: what follows the track that has been read to its end, or to where they fade into one another. */
  following(): TaggedVoice | null {
    const state = this.#state;
    if (state.kind !== 'running' || state.told === 'ended') return null;
    if (state.next === null || !state.next.canStart(ZERO)) return null;
    const made = this.#makeVoice(state.next, state.generation, ZERO);
    if (made === null) return null;
    state.before?.slot.close();
    state.slot.fetcher.want(null);
    this.#state = {
      ...state,
      slot: state.next,
      tag: made.tag,
      startFrames: ZERO,
      next: null,
      before: { slot: state.slot, tag: state.tag },
      told: 'nothing',
    };
    return made;
  }

  /** The first frame of `tag` is heard. */
  began(tag: PlayTag): void {
    const state = this.#state;
    if (state.kind === 'running' && state.tag === tag && state.before !== null) {
      state.before.slot.close();
      this.#state = { ...state, before: null };
      this.#view.emit({
        kind: 'advanced',
        generation: tag.generation,
        trackId: tag.trackId,
        durationFrames: tag.durationFrames,
      });
    }
    this.#view.positionChanged();
    this.replan();
  }

  /** After each tick of the pacer: says what ran out once the loudspeaker has come to it. */
  ticked(): void {
    const state = this.#state;
    if (state.kind !== 'running' || this.#mixer.main?.tag !== state.tag) return;
    const status = this.#mixer.status;
    if (status === 'sounding' && state.told !== 'nothing') this.#state = { ...state, told: 'nothing' };
    if (status === 'starved') this.#starved(state);
    if (status === 'ended') this.#ended(state);
  }

  /** Asks the slots for what the plan wants now. */
  replan(): void {
    if (isActive(this.#state)) wantWhatIsPlanned(this.#state, this.#mixer);
  }

  /** Where the track of this generation is heard; before its first frame is, where it will begin. */
  place(heard: HeardPlace | null): Omit<Extract<EngineEvent, { kind: 'position' }>, 'kind' | 'atUs'> | null {
    const state = this.#state;
    if (heard !== null) {
      const isCurrent = state.kind === 'running' && (heard.tag === state.tag || heard.tag === state.before?.tag);
      if (isCurrent || heard.isSounding) {
        const { generation, trackId } = heard.tag;
        return { generation, trackId, positionFrames: heard.positionFrames, isSounding: heard.isSounding };
      }
    }
    if (state.kind !== 'running') return null;
    const { generation, slot, startFrames } = state;
    return { generation, trackId: slot.trackId, positionFrames: startFrames, isSounding: false };
  }

  /** How much sound is held in a row after the play position, the armed track not counted. */
  bufferedMs(): Ms {
    const state = this.#state;
    if (!isActive(state)) return ms(0);
    const { positionFrames, segment } = readingPlace(state, this.#mixer);
    return framesToMs(state.slot.heldAhead(positionFrames, segment).heldFrames);
  }

  /** Of the file that is read now; null when none is. */
  qualityKbps(): number | null {
    return isActive(this.#state) ? this.#state.slot.qualityKbps() : null;
  }

  /** For who fetches beside what is loaded. */
  prefetchFacts(): PrefetchFacts {
    return prefetchFactsOf(this.#state, this.#mixer);
  }

  #openSlot(trackId: TrackId): TrackSlot {
    const slot: TrackSlot = new TrackSlot(this.#ports, trackId, {
      progressed: () => this.#progressed(slot),
      failed: () => this.#progressed(slot),
    });
    return slot;
  }

  /** Something arrived for a slot, or it failed. Slots no longer in the state are closed and silent. */
  #progressed(slot: TrackSlot): void {
    const state = this.#state;
    if (!isActive(state)) return;
    if (slot === state.next && slot.failure !== null) {
      this.#state = { ...state, next: null };
      const { trackId, failure } = slot;
      this.#view.emit({ kind: 'nextFailed', generation: state.generation, trackId, error: failure.toBody() });
    }
    if (slot === state.slot && state.kind === 'loading') this.#tryStart(state);
    this.replan();
    this.#view.wake();
  }

  #enterLoading(facts: Omit<Loading, 'kind'>): void {
    const state = { kind: 'loading', ...facts, positionFrames: facts.slot.clamp(facts.positionFrames) } as const;
    this.#state = state;
    this.#tryStart(state);
    this.replan();
  }

  #tryStart(state: Loading): void {
    const { generation, slot, next } = state;
    const positionFrames = slot.clamp(this.#view.startFrames(state.positionFrames));
    if (!slot.canStart(positionFrames)) {
      if (slot.failure !== null) this.#fail(generation, slot.trackId, slot.failure);
      return;
    }
    const made = this.#makeVoice(slot, generation, positionFrames);
    if (made === null) return;
    this.#state = {
      kind: 'running',
      generation,
      slot,
      tag: made.tag,
      startFrames: positionFrames,
      next,
      before: null,
      told: 'nothing',
    };
    this.#view.replace(made);
    const { trackId, durationFrames } = made.tag;
    if (!state.isReadyTold) this.#view.emit({ kind: 'ready', generation, trackId, durationFrames });
    this.#view.wake();
    if (!this.#view.isPlaying()) this.#view.positionChanged();
  }

  /** Null when no decoder can be had: the slot's track has then failed. */
  #makeVoice(slot: TrackSlot, generation: number, positionFrames: Frames): TaggedVoice | null {
    const plan = slot.plan;
    if (plan === null) return null;
    const tag: PlayTag = { generation, trackId: slot.trackId, durationFrames: plan.durationFrames };
    try {
      return { voice: slot.createVoice(positionFrames), tag };
    } catch (thrown) {
      this.#fail(generation, slot.trackId, toTonearmError(thrown, 'decode.unavailable'));
      return null;
    }
  }

  #starved(state: Running): void {
    if (state.slot.failure !== null) {
      if (this.#view.isAllHeard()) this.#fail(state.generation, state.slot.trackId, state.slot.failure);
      return;
    }
    if (state.told !== 'starved' && this.#view.isAllHeard()) this.#tellStarved(state);
    const { positionFrames, segment } = readingPlace(state, this.#mixer);
    const { heldFrames, isToEnd } = state.slot.heldAhead(positionFrames, segment);
    if (!isToEnd && heldFrames < RESUME_FRAMES) return;
    // Once: a device that takes nothing keeps the status as it is, and would be woken without end.
    if (this.#mixer.release()) this.#view.wake();
  }

  #ended(state: Running): void {
    // Starving may have been told last: what was left after it may all have sounded between two ticks.
    if (!this.#view.isAllHeard() || state.told === 'ended') return;
    if (state.next !== null) {
      if (this.#view.isPlaying() && state.told !== 'starved') this.#tellStarved(state);
      return;
    }
    this.#state = { ...state, told: 'ended' };
    this.#view.emit({ kind: 'ended', generation: state.generation, trackId: state.slot.trackId });
  }

  #tellStarved(state: Running): void {
    this.#starvations += 1;
    this.#state = { ...state, told: 'starved' };
    this.#view.emit({ kind: 'starved', generation: state.generation });
  }

  #fail(generation: number, trackId: TrackId, error: TonearmError): void {
    this.#closeSlots();
    this.#view.replace(null);
    this.#state = { kind: 'failed', generation };
    this.#view.emit({ kind: 'failed', generation, trackId, error: error.toBody() });
  }

  /** What is paused must not sound again while something else is loaded. */
  #silenceUnlessPlaying(): void {
    if (!this.#view.isPlaying()) this.#view.replace(null);
  }

  #closeSlots(but: TrackSlot | null = null): void {
    const state = this.#state;
    if (!isActive(state)) return;
    const before = state.kind === 'running' ? state.before?.slot : null;
    for (const slot of [state.slot, state.next, before]) if (slot !== but) slot?.close();
  }
}
